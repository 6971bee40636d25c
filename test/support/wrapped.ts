import type { Ports } from '../../src/app/ports/index.ts';
import type { Target } from '../../src/app/ports/provider.ts';
import type { Store, Transaction } from '../../src/app/ports/store.ts';

// Ways to change what the core is given: for products that are broken on purpose, and for processes that die.

/** The same object with some values of its own. The other methods are called on the object itself. */
export const replaced = <T extends object>(object: T, values: Partial<T>): T =>
  new Proxy(object, {
    get: (target, name) => {
      const value = Reflect.get(name in values ? values : target, name);
      return typeof value === 'function' && !(name in values) ? value.bind(target) : value;
    },
  });

/** The same object, with something around each call of its methods. */
export const around = <T extends object>(object: T, call: <R>(method: () => Promise<R>) => Promise<R>): T =>
  new Proxy(object, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => call(() => Reflect.apply(value, target, args));
    },
  });

/** A store whose transactions have some methods of their own. */
export const withTransactions = (store: Store, values: (tx: Transaction) => Partial<Transaction>): Store =>
  replaced(store, { transaction: (work) => store.transaction((tx) => work(replaced(tx, values(tx)))) });

export const withStore =
  (change: (store: Store) => Store) =>
  (ports: Ports): Ports => ({ ...ports, store: change(ports.store) });

/** Changes what is read and written in transactions, and what is read outside of them. */
export const inTransactions = (values: (tx: Transaction) => Partial<Transaction>, outside: Partial<Store> = {}) =>
  withStore((store) => withTransactions(replaced(store, outside), values));

export const withTargets =
  (change: (target: Target) => Target) =>
  (ports: Ports): Ports => ({
    ...ports,
    targets: {
      find: (name) => {
        const found = ports.targets.find(name);
        return found && { ...found, target: change(found.target) };
      },
    },
  });
