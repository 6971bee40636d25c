import { MINUTE } from '../support/clock.ts';
import { A_WHILE, type Grant, Model, type Outcome, type Request } from './model.ts';
import { loaded, type Policies, read, yamlOf } from './policies.ts';
import { expected, Product, type Twin } from './product.ts';
import { answer, emergencyAnswer, isApprover } from './rules.ts';
import { PEOPLE } from './some-policies.ts';
import { type Command, START, type Story, type Who } from './some-stories.ts';

/** Both said something else. */
class Differ extends Error {
  override readonly name = 'Differ';
}

/** Plays a story to its end. @throws Differ with the policies as YAML and what happened in sentences */
export async function play(story: Story, twin: Twin = {}): Promise<void> {
  const telling = new Telling(story, twin);
  await telling.compare('done', 'done');
  for (const one of story.commands) await telling.tell(one);
  await telling.end();
}

/** A line each for the time, for every request and every grant, and for each target. */
const linesOf = ({ now, requests, grants, there }: ReturnType<typeof expected>): string[] => [
  `it is ${new Date(now).toISOString()}`,
  ...requests.map((one, index) => `request ${index + 1}: ${JSON.stringify(one)}`),
  ...grants.map((one, index) => `grant ${index + 1}: ${JSON.stringify(one)}`),
  `at the targets: ${JSON.stringify(there)}`,
];

class Telling {
  readonly #story: Story;
  readonly #model: Model;
  readonly #product: Product;
  readonly #sentences: string[] = [];
  #loadedNow: Policies;
  #delegate: string | undefined;
  #lastVote: { who: string; request: Request } | undefined;

  constructor(story: Story, twin: Twin) {
    this.#story = story;
    this.#model = new Model(story.policies, START);
    this.#product = new Product(loaded(story.policies), START, twin);
    this.#loadedNow = story.policies;
  }

  async tell(command: Command): Promise<void> {
    const model = this.#model;
    const product = this.#product;
    switch (command.do) {
      case 'ask': {
        const { access: of, minutes: time, reason, ticket } = command;
        const mayAsk = (one: string) =>
          !(
            'refused' in answer(model.policies, { who: one, access: of, minutes: time, reason, ticket, now: this.#now })
          );
        const asks = command.who ?? PEOPLE.find(mayAsk) ?? 'ana';
        const what = `${of}${time === undefined ? '' : ` for ${time}m`}, because “${reason}”${ticket === undefined ? '' : `, ${ticket}`}`;
        return this.#happens(
          `${asks} asks for ${what}`,
          () => model.ask(asks, of, time, reason, ticket),
          () => product.ask(asks, of, time, reason, ticket),
        );
      }
      case 'take': {
        const { access: of, minutes: time } = command;
        const reason = 'everything is on fire';
        const mayTake = (one: string) =>
          !(
            'refused' in
            emergencyAnswer(model.policies, { who: one, access: of, minutes: time, reason, now: this.#now })
          );
        const takes = command.who ?? PEOPLE.find(mayTake) ?? 'ana';
        return this.#happens(
          `${takes} takes ${of} in an emergency${time === undefined ? '' : `, for ${time}m`}`,
          () => model.emergency(takes, of, time, reason),
          () => product.emergency(takes, of, time, reason),
        );
      }
      case 'vote':
        return this.#vote(command);
      case 'extend':
      case 'end':
        return this.#about(command.do, command.who, model.grants.at(-1 - command.nth));
      case 'review': {
        const taken = model.requests.filter(({ emergency }) => emergency);
        const request = taken.at(-1 - command.nth) ?? model.requests.at(-1);
        if (!request) return;
        const { emergency, gives } = request;
        const about = { requester: request.who, targets: gives.map(({ target }) => target) };
        const may = (one: string) => isApprover(model.policies, { approvers: emergency?.reviewers ?? [] }, one, about);
        const reviews = command.who ?? PEOPLE.find(may) ?? 'ben';
        return this.#happens(
          `${reviews} reviews ${this.#named(request)}`,
          () => model.review(reviews, request),
          () => product.review(reviews, model.requests.indexOf(request)),
        );
      }
      case 'withdraw': {
        const withdraws = command.who ?? model.requests.at(-1)?.who ?? 'ana';
        return this.#happens(
          `${withdraws} gives back ${command.access}`,
          () => model.withdraw(withdraws, command.access),
          () => product.withdraw(withdraws, command.access),
        );
      }
      case 'hand over': {
        const { minutes: time } = command;
        const waits = model.requests.findLast(({ status }) => status === 'pending');
        const may = (one: string) => waits !== undefined && model.seatFor(one, waits) === one;
        const away = command.who ?? PEOPLE.find(may) ?? 'ben';
        const to = command.to ?? PEOPLE.findLast((one) => one !== waits?.who && one !== away && !may(one)) ?? 'cy';
        this.#delegate = to;
        return this.#happens(
          `${away} hands their votes to ${to} for ${time}m`,
          () => model.away(away, to, time),
          () => product.away(away, to, time),
        );
      }
      case 'come back':
        return this.#happens(
          `${command.who} is back`,
          () => model.back(command.who),
          () => product.back(command.who),
        );
      case 'pass':
        return this.#quietly(`${command.minutes}m pass${command.ticks ? '' : ', and nothing ticks'}`, () =>
          this.#pass(command.minutes * MINUTE, command.ticks),
        );
      case 'set the clock':
        return this.#quietly(`the machine’s clock is set by ${command.minutes}m`, async () => {
          product.set(command.minutes * MINUTE);
          model.now = Math.max(model.now, product.wall);
        });
      case 'reload':
        return this.#reload(command.version);
      case 'target': {
        const { target, is } = command;
        return this.#quietly(`${target} ${is === 'refuses' ? is : `is ${is}`}`, async () => {
          model.health[target] = is;
          const system = product.targets[target];
          if (system) system.health = is;
        });
      }
      case 'tick':
        return this.#quietly('the tick comes by', () => this.#tick());
      case 'work':
        return this.#quietly('the worker works', () => this.#work());
      case 'work again':
        return this.#quietly('a worker that slept does its work once more', () => product.workAgain(command.nth));
      case 'restart':
        return this.#quietly('the product is started anew', () => this.#restart());
      case 'be killed':
        return this.#quietly(`the product is killed after ${command.calls} calls, and started anew`, async () => {
          // Whether it still got to a target that is away makes a difference later, and nobody can say whether it did.
          this.#reachable();
          model.work();
          await product.workUntilKilled(command.calls);
          // A claim is over by the clock. One that was set back by hours holds what was claimed before for as long.
          product.set(Math.max(0, model.now - product.wall));
          await this.#restart();
          // What it had begun is done when its claim is over, and nothing that it sent may still arrive.
          for (let round = 0; round < 3; round += 1) {
            await this.#pass(A_WHILE, true);
            await this.#work();
          }
        });
    }
  }

  /** Everything is repaired, its time passes, and nothing is left. */
  async end(): Promise<void> {
    await this.#quietly('everything is repaired, and time passes', async () => {
      this.#reachable();
      await this.#work();
      await this.#pass(5 * 60 * MINUTE, true);
      await this.#work();
    });
    const left = Object.values(this.#product.targets).flatMap(({ there }) => [...there]);
    const open = this.#model.grants.filter(({ status }) => status !== 'ended').length;
    if (left.length > 0 || open > 0) this.#differ(`nothing is left at the targets`, `${left.join(', ')} is`);
    const findings = await this.#product.findings();
    if (findings.length > 0) this.#differ('the record explains every row', findings.join('; '));
  }

  async compare(expectedOutcome: Outcome, outcome: Outcome): Promise<void> {
    if (expectedOutcome !== outcome) this.#differ(expectedOutcome, outcome);
    const want = linesOf(expected(this.#model));
    const got = linesOf(await this.#product.seen());
    const other = (lines: string[], theirs: string[]) =>
      lines.filter((line, index) => line !== theirs[index]).join('; ');
    if (want.join() !== got.join()) this.#differ(other(want, got), other(got, want));
  }

  get #now(): Date {
    return new Date(this.#model.now);
  }

  async #vote({ who: wanted, nth: back, approves, again }: Command & { do: 'vote' }): Promise<void> {
    const model = this.#model;
    const last = this.#lastVote;
    if (again) {
      // Only directly after it: then it is the latest click.
      if (!last) return;
      return this.#happens(
        `the click of ${last.who} is delivered once more`,
        () => 'replayed',
        () => this.#product.vote(last.who, model.requests.indexOf(last.request), true, true),
      );
    }
    const pending = model.requests.filter(({ status }) => status === 'pending');
    const request = (wanted === undefined ? pending : model.requests).at(-1 - back) ?? model.requests.at(-1);
    if (!request) return;
    const may = (one: string) =>
      one !== request.who &&
      !request.votes.some((vote) => vote.who === one || vote.seat === one) &&
      model.seatFor(one, request) !== undefined;
    const votes = (wanted === 'delegate' ? this.#delegate : wanted) ?? PEOPLE.find(may) ?? 'ben';
    await this.#happens(
      `${votes} ${approves ? 'approves' : 'denies'} ${this.#named(request)}`,
      () => model.vote(votes, request, approves),
      () => this.#product.vote(votes, model.requests.indexOf(request), approves, false),
    );
    this.#lastVote = { who: votes, request };
  }

  async #about(what: 'extend' | 'end', wanted: Who, grant: Grant | undefined): Promise<void> {
    if (!grant) return;
    const model = this.#model;
    const { request } = grant;
    const does = wanted ?? request.who;
    const index = model.requests.indexOf(request);
    await this.#happens(
      `${does} ${what}s ${this.#named(request)}`,
      () => model[what](does, grant),
      () => this.#product[what](does, index),
    );
  }

  #reload(version: number): Promise<void> {
    const next = version === 0 ? this.#story.policies : this.#story.versions[version - 1];
    if (!next) return Promise.resolve();
    return this.#quietly(`the policies become version ${version}`, async () => {
      this.#model.reload(next);
      const set = read(next);
      if (!set.ok) return;
      this.#product.policies = set.policies;
      this.#loadedNow = next;
    });
  }

  async #tick(): Promise<void> {
    this.#model.tick();
    await this.#product.tick();
  }

  async #work(): Promise<void> {
    this.#model.work();
    await this.#product.work();
  }

  async #pass(ms: number, ticks: boolean): Promise<void> {
    this.#product.pass(ms);
    this.#model.now = Math.max(this.#model.now + ms, this.#product.wall);
    if (ticks) await this.#tick();
  }

  #reachable(): void {
    for (const [name, system] of Object.entries(this.#product.targets)) {
      this.#model.health[name] = 'up';
      system.health = 'up';
    }
  }

  async #restart(): Promise<void> {
    this.#model.now = Math.max(this.#product.wall, await this.#product.latest());
    await this.#product.restart();
  }

  #named({ who: whose, access: of, extends: extension }: Request): string {
    return `${whose}’s ${extension ? 'longer ' : ''}${of}`;
  }

  async #quietly(sentence: string, act: () => Promise<unknown>): Promise<void> {
    await this.#happens(
      sentence,
      () => 'done',
      async () => {
        await act();
        return 'done';
      },
    );
  }

  /** The model first: whatever it decides, it decides without the product. */
  async #happens(sentence: string, inModel: () => Outcome, inProduct: () => Promise<Outcome>): Promise<void> {
    this.#lastVote = undefined;
    const time = this.#now.toISOString().slice(11, 19);
    this.#sentences.push(`${time} ${sentence}`);
    const want = inModel();
    const got = await inProduct();
    const line = this.#sentences.length - 1;
    if (want !== 'done') this.#sentences[line] += `: ${want}`;
    await this.compare(want, got);
  }

  #differ(want: string, got: string): never {
    const policies = [
      yamlOf(this.#story.policies),
      ...(this.#loadedNow === this.#story.policies ? [] : [`# in the end:\n${yamlOf(this.#loadedNow)}`]),
    ];
    throw new Differ(
      `${policies.join('\n')}\n${this.#sentences.join('\n')}\n\nthe model:   ${want}\nthe product: ${got}\n`,
    );
  }
}
