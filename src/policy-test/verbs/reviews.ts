import { reviewEmergency } from '../../app/review-emergency.ts';
import type { ReviewVerdict } from '../../domain/emergency.ts';
import { NotUnderstood } from '../grammar/words.ts';
import { readWhich, type Verb } from './verb.ts';

const VERDICTS: readonly ReviewVerdict[] = ['fine', 'not-justified'];

/** The buttons Fine and Not justified under an emergency, with the note that both ask for. */
export const reviews: Verb = {
  word: 'reviews',
  usage: `dee reviews [ACCESS] [of PERSON] as ${VERDICTS.join('|')} because "NOTE"`,
  read(words, who, names) {
    const which = readWhich(words, names, ['as']);
    words.expect('as');
    const word = words.take(`the verdict: ${VERDICTS.join(' or ')}`);
    const verdict = VERDICTS.find((one) => one === word);
    if (!verdict) throw new NotUnderstood(`\`${word}\` is no verdict: write ${VERDICTS.join(' or ')}.`);
    words.expect('because');
    const note = words.take('what was found, in quotes');
    return async (stage) => {
      const { id: requestId } = await stage.find(which);
      const answered = await reviewEmergency(stage.ports, stage.caller(who), { requestId, verdict, note });
      return { requestId, ...(answered.kind === 'refused' ? { refusal: answered.refusal } : {}) };
    };
  },
};
