import { send } from './api.ts';
import { drawBlock } from './blocks.ts';
import { h, icon, type Keyed, reconcile, replace, setText, uniqueId } from './dom.ts';
import type { Store } from './store.ts';
import { createValues, surroundings, type ValueStore } from './surroundings.ts';
import { complain } from './toast.ts';
import type { View } from './wire.ts';

/**
 * The topmost open view, in one native dialog: the browser keeps the focus inside and gives it back afterwards. A view
 * that changes while somebody types is drawn block by block; what was typed is kept by block and action, as Slack does.
 */
export function createModal(store: Store): void {
  const values = new Map<string, ValueStore>();
  const title = h('h2', { id: uniqueId('modal'), class: 'dialog-title', tabindex: '-1' });
  const notice = h('p', { class: 'notice', role: 'alert' });
  const blocks = h('div', { class: 'blocks' });
  const body = h('div', { class: 'dialog-body' }, notice, blocks);
  const cancel = h('button', { type: 'button', class: 'button', on: { click: () => void close() } });
  const submit = h('button', { type: 'submit', class: 'button button-primary' });
  const cross = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Close', on: { click: () => void close() } },
    icon('close'),
  );
  const form = h(
    'form',
    {
      class: 'dialog-form',
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault();
          void hand();
        },
      },
    },
    h('div', { class: 'dialog-head' }, title, cross),
    body,
    h('div', { class: 'dialog-actions' }, cancel, submit),
  );
  const dialog = h(
    'dialog',
    {
      class: 'dialog dialog-modal',
      'aria-labelledby': title.id,
      on: {
        cancel: (event) => {
          // Esc on a popup inside, or a nested question, is not for this dialog.
          if (event.target !== dialog) return;
          event.preventDefault();
          void close();
        },
      },
    },
    form,
  );
  document.body.append(dialog);

  let shown: View | undefined;
  const top = (): View | undefined => store.state().views.at(-1);

  const close = async () => {
    if (shown) complain(await send('view-close', { as: store.state().viewer, view: shown.id }));
  };
  const hand = async () => {
    // NB. Two quick presses on "Send" are one request, not two.
    if (!shown || shown.submit === undefined || shown.submitDisabled || submit.getAttribute('aria-busy') === 'true')
      return;
    submit.setAttribute('aria-busy', 'true');
    const answer = await send('view-submit', {
      as: store.state().viewer,
      view: shown.id,
      values: enteredIn(shown).all(),
    });
    submit.removeAttribute('aria-busy');
    complain(answer);
    // What is wrong stands in the view by now; go to the first of it.
    await store.refresh();
    blocks.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  };
  const enteredIn = (view: View): ValueStore => {
    let kept = values.get(view.id);
    if (!kept) {
      kept = createValues();
      values.set(view.id, kept);
    }
    return kept;
  };

  const update = () => {
    const view = top();
    if (!view) {
      if (dialog.open) dialog.close();
      shown = undefined;
      values.clear();
      blocks.replaceChildren();
      return;
    }
    const another = shown?.id !== view.id;
    shown = view;
    setText(title, view.title);
    setText(cancel, view.close);
    cancel.hidden = false;
    submit.hidden = view.submit === undefined;
    setText(submit, view.submit ?? '');
    submit.disabled = view.submitDisabled;
    setText(notice, view.notice ?? '');
    notice.hidden = view.notice === undefined;
    if (another) {
      replace(blocks);
      body.scrollTop = 0;
    }
    reconcile(blocks, keyed(view));
    if (!dialog.open) dialog.showModal();
    if (another) focusFirst();
  };
  const keyed = (view: View): Keyed[] => {
    const around = surroundings(store, { view: view.id }, enteredIn(view));
    return view.blocks.map((block, index) => ({
      key: block.block_id ?? String(index),
      signature: `${view.id} ${view.errors[block.block_id ?? ''] ?? ''} ${JSON.stringify(block)}`,
      draw: () => drawBlock(block, around, view.errors),
    }));
  };
  const focusFirst = () => {
    const first =
      blocks.querySelector<HTMLElement>('[autofocus]') ??
      blocks.querySelector<HTMLElement>('input, textarea, select, button, a[href]');
    (first ?? (submit.hidden ? cancel : submit)).focus();
  };
  store.subscribe(update);
  update();
}
