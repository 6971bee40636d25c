import { type Act, readVerb } from '../verbs/index.ts';
import type { Found, Names } from './names.ts';
import { NotUnderstood, Words } from './words.ts';

/** A `do`: what it said, and how it is done. */
export interface Instruction {
  readonly text: string;
  readonly act: Act;
}

/** Reads `ana requests prod-db-write for 1h because "…"`. */
export function readDo(text: string, names: Names): Found<Instruction> {
  try {
    const words = new Words(text);
    const who = names.actor(words.take('a person or a caller'));
    if (!who.ok) return who;
    const verb = readVerb(words, who.value);
    try {
      const act = verb.read(words, names);
      if (!words.atEnd) throw new NotUnderstood(`\`${words.peek}\` does not fit there.`);
      return { ok: true, value: { text, act } };
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      return { ok: false, why: `${error.message} It is written: ${verb.usage}` };
    }
  } catch (error) {
    if (error instanceof NotUnderstood) return { ok: false, why: error.message };
    throw error;
  }
}
