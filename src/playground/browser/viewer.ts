import { avatar } from './avatar.ts';
import { h, replace } from './dom.ts';
import { menuButton } from './menu.ts';
import type { Store } from './store.ts';
import { announce } from './toast.ts';

/** "You are: Ana": who speaks, clicks and reads. Changing it changes the whole page to what that person sees. */
export function createViewerSwitch(store: Store): HTMLElement {
  const name = h('span', { class: 'viewer-name' });
  const line = h('span', { class: 'viewer-line' });
  const face = h('span', { class: 'viewer-face' });
  const box = menuButton({
    class: 'viewer',
    label: 'Become somebody else',
    namedByContent: true,
    content: [
      face,
      h('span', { class: 'viewer-words' }, h('span', { class: 'viewer-you' }, 'You are '), name, ' ', line),
    ],
    focus: 'viewer',
    items: () =>
      store
        .state()
        .people.filter((person) => !person.bot)
        .map((person) => ({
          checked: person.id === store.state().viewer,
          content: [
            avatar(person),
            h(
              'span',
              { class: 'person' },
              h('span', { class: 'person-name' }, person.name),
              h('small', {}, person.line),
            ),
          ],
          choose: async () => {
            await store.become(person.id);
            announce(`You are now ${store.viewer().name}, ${store.viewer().line}`);
          },
        })),
  });
  let shown = '';
  const update = () => {
    const viewer = store.viewer();
    if (shown === viewer.id) return;
    shown = viewer.id;
    replace(face, avatar(viewer));
    replace(name, viewer.name);
    replace(line, viewer.line);
  };
  store.subscribe(update);
  update();
  return box;
}
