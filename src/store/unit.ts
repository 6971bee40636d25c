import type { Transaction } from '../app/ports/store.ts';

/** Guards what a unit does with its transaction: nothing after its end, nothing left running, no failure swallowed. */
export class Unit {
  readonly transaction: Transaction;
  #over = false;
  #running = 0;
  #failure: { error: unknown } | undefined;
  readonly #onFailure: () => void;

  constructor(inner: Transaction, onFailure: () => void) {
    this.#onFailure = onFailure;
    this.transaction = new Proxy(inner, {
      get: (target, name) => {
        const method = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => this.#call(() => Reflect.apply(method, target, args));
      },
    });
  }

  async #call(method: () => Promise<unknown>): Promise<unknown> {
    if (this.#over) throw new Error('The transaction is over: a unit of work must await everything it does with it.');
    this.#running++;
    try {
      return await method();
    } catch (error) {
      this.#failure ??= { error };
      this.#onFailure();
      throw error;
    } finally {
      this.#running--;
    }
  }

  /** NB. a unit that catches a failed write must not be committed with half of it. */
  end(): void {
    this.#over = true;
    if (this.#failure) throw this.#failure.error;
    if (this.#running > 0)
      throw new Error('A unit of work returned before its reads and writes were done: await them.');
  }
}
