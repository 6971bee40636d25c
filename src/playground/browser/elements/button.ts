import { confirm } from '../confirm.ts';
import { h } from '../dom.ts';
import { safeUrl } from '../mrkdwn.ts';
import { drawPlain } from '../mrkdwn-dom.ts';
import { focusName, type Place } from './context.ts';

/** A button, or what looks like one and is a link. */
export function drawButton(place: Place): HTMLElement {
  const { element, around } = place;
  const style = element.style === 'primary' || element.style === 'danger' ? ` button-${element.style}` : '';
  const label = drawPlain(element.text?.text ?? '', around.names, element.text?.emoji !== false);
  const url = element.url === undefined ? undefined : safeUrl(element.url);
  const press = async () => {
    if (element.confirm && !(await confirm(element.confirm, around.names))) return;
    button.setAttribute('aria-busy', 'true');
    await around.act(place.block, element, element.value ?? null);
    button.removeAttribute('aria-busy');
  };
  if (url !== undefined) {
    return h(
      'a',
      {
        class: `button${style}`,
        href: url,
        target: '_blank',
        rel: 'noopener noreferrer',
        'data-focus': focusName(place),
        'aria-label': element.accessibility_label,
        on: { click: () => void around.act(place.block, element, element.value ?? null) },
      },
      ...label,
    );
  }
  const button = h(
    'button',
    {
      type: 'button',
      class: `button${style}`,
      'data-focus': focusName(place),
      'aria-label': element.accessibility_label,
      on: {
        // A second press while the first is on its way is left alone: a double click is one decision.
        click: () => void (button.getAttribute('aria-busy') === 'true' ? undefined : press()),
      },
    },
    ...label,
  );
  return button;
}
