import { blocksOf } from './blocks.ts';
import { boolean, type Check, isObject, object, required, string, tagged } from './checks.ts';
import { plainText } from './composition.ts';

const common = {
  type: string(255),
  private_metadata: string(3000, 0),
  callback_id: string(255, 0),
  external_id: string(255, 0),
};

const submitWhenInputs: Check = (value, at, report) => {
  if (!isObject(value) || !Array.isArray(value.blocks) || value.submit !== undefined) return;
  if (value.blocks.some((block) => isObject(block) && block.type === 'input')) {
    report.add('`submit` is required when an input block is within the view', at);
  }
};

const modal: Check = object(
  {
    ...common,
    title: required(plainText(24)),
    submit: plainText(24),
    close: plainText(24),
    blocks: required(blocksOf('modal')),
    clear_on_close: boolean,
    notify_on_close: boolean,
    submit_disabled: boolean,
  },
  submitWhenInputs,
);

const home: Check = object({ ...common, blocks: required(blocksOf('home')) });

/** A view as an app sends it, of the given type. */
export const viewOf = (type: 'modal' | 'home'): Check => tagged(type === 'modal' ? { modal } : { home }, 'view type');
