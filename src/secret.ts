import { inspect } from 'node:util';

const SHOWN = '[secret]';

/**
 * A value that must be asked for by name. NB. However it is printed, serialised, interpolated or inspected (hidden
 * properties included), it shows only `[secret]`, so a configuration that lands in a log or an error gives nothing away.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: pass it straight to what needs it, and keep it nowhere. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
