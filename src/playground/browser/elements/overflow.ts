import { confirm } from '../confirm.ts';
import { menuButton } from '../menu.ts';
import { parsePlain, plainTextOf } from '../mrkdwn.ts';
import { focusName, type Place } from './context.ts';

/** The "⋯" menu: every choice acts at once. */
export function drawOverflow(place: Place): HTMLElement {
  const { element, around } = place;
  return menuButton({
    class: 'button button-overflow',
    label: element.accessibility_label ?? 'More actions',
    content: ['⋯'],
    focus: focusName(place),
    items: () =>
      (element.options ?? []).map((option) => ({
        content: [plainTextOf(parsePlain(option.text.text))],
        choose: async () => {
          if (element.confirm && !(await confirm(element.confirm, around.names))) return;
          await around.act(place.block, element, option);
        },
      })),
  });
}
