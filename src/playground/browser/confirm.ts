import { h, uniqueId } from './dom.ts';
import type { ConfirmJson } from './elements/context.ts';
import { drawText, type Names } from './mrkdwn-dom.ts';

/** Block Kit's confirmation: resolves true only when the person says yes. Esc, the cross and "no" are a no. */
export function confirm(words: ConfirmJson, names: Names): Promise<boolean> {
  return new Promise((resolve) => {
    const title = uniqueId('confirm-title');
    const text = uniqueId('confirm-text');
    const answer = (yes: boolean) => {
      dialog.close();
      dialog.remove();
      resolve(yes);
    };
    const dialog = h(
      'dialog',
      {
        class: 'dialog dialog-confirm',
        'aria-labelledby': title,
        'aria-describedby': text,
        on: {
          cancel: (event) => {
            event.preventDefault();
            answer(false);
          },
        },
      },
      h('h2', { id: title, class: 'dialog-title' }, words.title.text),
      h('div', { id: text, class: 'dialog-body text' }, ...drawText(words.text, names)),
      h(
        'div',
        { class: 'dialog-actions' },
        h('button', { type: 'button', class: 'button', on: { click: () => answer(false) } }, words.deny.text),
        h(
          'button',
          {
            type: 'button',
            class: `button button-${words.style === 'danger' ? 'danger' : 'primary'}`,
            on: { click: () => answer(true) },
          },
          words.confirm.text,
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
