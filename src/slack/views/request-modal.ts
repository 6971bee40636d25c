import type { InputBlock, KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import { type AccessPolicy, approvers, durationChoices, evaluate, type PolicySet } from '../../app/policy-questions.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { Instant, Milliseconds } from '../../domain/instant.ts';
import { principalText } from '../../domain/principal.ts';
import { context, fitted, type Rendered, section } from '../blocks.ts';
import type { SlackContext } from '../context.ts';
import { code, escaped, labelled, oneLine, shorten } from '../escape.ts';
import { ACTION, BLOCK, INPUT, VIEW } from '../ids.ts';
import { messengerError } from '../slack-error.ts';
import { list, mention, plural, principals } from '../words.ts';
import { fieldInputs } from './field-inputs.ts';

/** As long as the policies allow a reason to be. */
const REASON_LIMIT = 2_000;
/** Approvers named one by one in the preview. */
const NAMED = 5;

export interface Chosen {
  access?: string;
  durationMs?: Milliseconds;
}

/** Who asks, and when. */
export interface Asking {
  slack: string;
  now: Instant;
}

/** What the modal carries through Slack: only where to answer, never what was decided. */
export interface ModalMemo {
  channel: string;
}

/** The option for an access: its whole name, since a cut name could be another one; the title beside it may be cut. */
export const accessOption = ({ name, title }: Pick<AccessPolicy, 'name' | 'title'>): PlainTextOption => ({
  text: { type: 'plain_text', text: name },
  value: name,
  description: { type: 'plain_text', text: shorten(title, 75) },
});

/** Opens the modal. Answers only when there is something to say instead. */
export async function openRequestModal(
  slack: SlackContext,
  caller: { slack: string; interaction: string; channel: string },
  access: string | undefined,
): Promise<Rendered | undefined> {
  const policies = slack.app.policies();
  if (access !== undefined && !policies.accesses.has(access)) {
    const decision = evaluate(policies, { slack: caller.slack, access, now: slack.app.now() });
    if (!decision.ok) return { text: `${escaped(decision.refusal.sentence)} \`/access help\` lists yours.` };
  }
  const asking = { slack: caller.slack, now: slack.app.now() };
  const view = requestModal(policies, asking, access === undefined ? {} : { access }, { channel: caller.channel });
  try {
    await slack.people.views.open({ trigger_id: caller.interaction, view });
    return undefined;
  } catch (error) {
    const { code: failure } = messengerError('views.open', error);
    slack.onError('views.open', failure);
    return {
      text: `Slack did not open the form (${failure}). Ask in one line instead: ${code('/access <name> <duration> <reason…>')}.`,
    };
  }
}

/** The modal for what is chosen so far. The blocks of a choice carry its name, so a new choice starts with fresh inputs. */
export function requestModal(policies: PolicySet, asking: Asking, chosen: Chosen, memo: ModalMemo): ModalView {
  const access = chosen.access === undefined ? undefined : policies.accesses.get(chosen.access);
  return {
    type: 'modal',
    callback_id: VIEW.request,
    title: { type: 'plain_text', text: 'Ask for access' },
    submit: { type: 'plain_text', text: 'Ask' },
    close: { type: 'plain_text', text: 'Cancel' },
    private_metadata: JSON.stringify(memo),
    blocks: [
      accessInput(access),
      ...(access
        ? details(policies, asking, access, chosen.durationMs)
        : [context('Choose one to see how long you may have it and who will be asked.')]),
    ],
  };
}

function accessInput(access: AccessPolicy | undefined): InputBlock {
  return {
    type: 'input',
    block_id: BLOCK.access,
    dispatch_action: true,
    label: { type: 'plain_text', text: 'Access' },
    element: {
      type: 'external_select',
      action_id: ACTION.chooseAccess,
      min_query_length: 0,
      placeholder: { type: 'plain_text', text: 'Search by name' },
      ...(access ? { initial_option: accessOption(access) } : {}),
    },
  };
}

function details(
  policies: PolicySet,
  asking: Asking,
  access: AccessPolicy,
  durationMs: Milliseconds | undefined,
): KnownBlock[] {
  const wanted = durationMs ?? access.duration.defaultMs;
  const option = (ms: Milliseconds): PlainTextOption => ({
    text: { type: 'plain_text', text: formatDuration(ms) },
    value: formatDuration(ms),
  });
  const choices = durationChoices(access).map(option);
  const initial = choices.find(({ value }) => value === formatDuration(wanted)) ?? choices[0];
  const { required, minLength } = access.reason;
  return [
    section(
      fitted(
        `*${oneLine(access.title)}*`,
        access.grants.map(({ label, target }) => `• ${labelled(label)} at ${code(target)}`),
      ),
    ),
    {
      type: 'input',
      block_id: `${BLOCK.duration}:${access.name}`,
      dispatch_action: true,
      label: { type: 'plain_text', text: 'For how long' },
      hint: {
        type: 'plain_text',
        text: `At most ${formatDuration(access.duration.maxMs)}. It is taken away by itself.`,
      },
      element: {
        type: 'static_select',
        action_id: ACTION.chooseDuration,
        options: choices,
        ...(initial ? { initial_option: initial } : {}),
      },
    },
    {
      type: 'input',
      block_id: BLOCK.reason,
      optional: !required,
      label: { type: 'plain_text', text: 'Reason' },
      hint: { type: 'plain_text', text: 'Approvers and the audit log see it.' },
      element: {
        type: 'plain_text_input',
        action_id: INPUT.reason,
        multiline: true,
        max_length: REASON_LIMIT,
        ...(required && minLength > 0 ? { min_length: minLength } : {}),
      },
    },
    ...fieldInputs(access),
    section(whoWillBeAsked(policies, asking, access, wanted)),
  ];
}

/** The preview runs the same evaluation that will decide, without what is not typed yet. */
function whoWillBeAsked(policies: PolicySet, asking: Asking, access: AccessPolicy, durationMs: Milliseconds): string {
  const decision = evaluate(policies, { ...asking, access: access.name, durationMs, preview: true });
  const typed = access.flows.some(({ when }) => when?.reads.has('request.fields') || when?.reads.has('request.reason'));
  const may = decision.ok || ['no-flow', 'policy-error', 'no-approvers'].includes(decision.refusal.code);
  if (typed && may) return '*Who will be asked* depends on what you fill in here; you are told when you send it.';
  if (!decision.ok) return `🚫 ${escaped(decision.refusal.sentence)}`;
  const { flow, person, entitlements } = decision;
  if (flow.autoApprove) return `*Nobody has to be asked:* flow ${code(flow.name)} approves it automatically.`;
  const contextOf = { requester: person.email, targets: [...new Set(entitlements.map(({ target }) => target))] };
  const lines = flow.steps.map((step, index) => {
    const people = approvers(policies, step, contextOf).flatMap((one) => (one.slack ? [mention(one.slack)] : []));
    const named = people.length <= NAMED ? list(people) : plural(people.length, 'person', 'people');
    const order = flow.steps.length > 1 ? `${index + 1}. ` : '';
    return `${order}${step.need} of ${principals(step.approvers.map(principalText), 'or')} (${named})`;
  });
  const channel =
    access.channel === undefined
      ? 'directly'
      : `in ${access.channel.startsWith('#') ? escaped(access.channel) : `<#${access.channel}>`}`;
  return fitted(`*Who will be asked, ${channel}*`, lines);
}
