import { h } from '../dom.ts';
import { drawButton } from './button.ts';
import { drawCombobox } from './combobox.ts';
import type { Place } from './context.ts';
import { drawOverflow } from './overflow.ts';
import { drawChoices, drawSelect } from './select.ts';
import { drawTextInput } from './text-input.ts';

/** Draws one interactive element. What the playground can not draw is said where it would stand, never left out. */
export function drawElement(place: Place): HTMLElement {
  switch (place.element.type) {
    case 'button':
      return drawButton(place);
    case 'external_select':
      return drawCombobox(place);
    case 'static_select':
    case 'users_select':
    case 'channels_select':
    case 'conversations_select':
      return drawSelect(place);
    case 'radio_buttons':
    case 'checkboxes':
    case 'multi_static_select':
    case 'multi_users_select':
      return drawChoices(place);
    case 'overflow':
      return drawOverflow(place);
    case 'plain_text_input':
    case 'number_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'datepicker':
    case 'timepicker':
      return drawTextInput(place);
    default:
      return unknown(`element “${place.element.type}”`);
  }
}

export const unknown = (what: string): HTMLElement =>
  h('span', { class: 'unknown' }, `The playground does not draw the ${what}.`);
