import type { ViewStateValue } from '@slack/bolt';
import { ACTION, BLOCK, INPUT } from '../ids.ts';
import { readFieldInputs } from './field-inputs.ts';

type Values = Record<string, Record<string, ViewStateValue>>;

/** What is typed and chosen in the request modal. The duration's block is named by the access it belongs to. */
export function readRequestState(values: Values) {
  const access = values[BLOCK.access]?.[ACTION.chooseAccess]?.selected_option?.value;
  const durationBlock = Object.keys(values).find((block) => block === `${BLOCK.duration}:${access}`);
  const duration =
    durationBlock === undefined ? undefined : values[durationBlock]?.[ACTION.chooseDuration]?.selected_option?.value;
  return {
    access,
    duration,
    durationBlock,
    reason: values[BLOCK.reason]?.[INPUT.reason]?.value ?? '',
    fields: readFieldInputs(access ?? '', values),
  };
}
