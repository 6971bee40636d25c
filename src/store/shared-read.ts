import { setImmediate } from 'node:timers';

/** One caller's question and how to answer it. */
interface Asked<Key, Value> {
  key: Key;
  resolve: (value: Value) => void;
  reject: (error: unknown) => void;
}

/** Most questions in one statement. */
const MOST = 500;

/**
 * A read that everybody who asks in the same turn of the event loop shares: thirty-two attempts that begin together ask
 * for thirty-two grants in one statement. What they get was read after they asked.
 */
export function sharedRead<Key, Value>(
  load: (keys: readonly Key[]) => Promise<(key: Key) => Value>,
): (key: Key) => Promise<Value> {
  const waiting: Asked<Key, Value>[] = [];

  const answer = async (asked: readonly Asked<Key, Value>[]): Promise<void> => {
    try {
      const find = await load(asked.map(({ key }) => key));
      for (const { key, resolve, reject } of asked) {
        try {
          resolve(find(key));
        } catch (error) {
          // One that cannot be read is the trouble of whoever asked for it.
          reject(error);
        }
      }
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };
  const next = () => {
    while (waiting.length > 0) void answer(waiting.splice(0, MOST));
  };

  return (key) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(next);
      waiting.push({ key, resolve, reject });
    });
}
