import type { Clock } from './app/ports/clock.ts';
import type { Log } from './app/ports/log.ts';
import type { Milliseconds } from './domain/instant.ts';
import { LiveSource } from './live-source.ts';
import type { Reading } from './policy/index.ts';

interface Kind<T> {
  name(id: string): string;
  read(id: string, signal: AbortSignal): Promise<T>;
  every(id: string): Milliseconds;
}

/** The live sources of one kind that the policies in force name, by what identifies them. */
export class LiveSources<T> {
  readonly #around: { clock: Clock; log: Log };
  readonly #kind: Kind<T>;
  readonly #sources = new Map<string, { source: LiveSource<T>; question: string }>();

  constructor(around: { clock: Clock; log: Log }, kind: Kind<T>) {
    this.#around = around;
    this.#kind = kind;
  }

  get size(): number {
    return this.#sources.size;
  }

  all(): LiveSource<T>[] {
    return [...this.#sources.values()].map(({ source }) => source);
  }

  only(id: string): LiveSource<T>[] {
    const known = this.#sources.get(id);
    return known ? [known.source] : [];
  }

  readings(): ReadonlyMap<string, Reading<T>> {
    return new Map([...this.#sources].map(([id, { source }]) => [id, source.reading]));
  }

  /** Takes over the sources that are named, with what each is asked. One that is named no more is forgotten. */
  declare(named: ReadonlyMap<string, string>): void {
    for (const [id, { source, question }] of this.#sources) {
      if (named.get(id) === question) continue;
      source.stop();
      this.#sources.delete(id);
    }
    for (const [id, question] of named) {
      if (this.#sources.has(id)) continue;
      const { name, read, every } = this.#kind;
      const { clock, log } = this.#around;
      const source = new LiveSource({
        name: name(id),
        read: (signal: AbortSignal) => read(id, signal),
        every: () => every(id),
        clock,
        log,
      });
      this.#sources.set(id, { source, question });
    }
  }
}
