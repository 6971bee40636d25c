import { send } from './api.ts';
import { avatar } from './avatar.ts';
import { h, icon, type Keyed, reconcile } from './dom.ts';
import { menuButton } from './menu.ts';
import type { Store } from './store.ts';
import { announce, complain } from './toast.ts';
import type { DirectoryGroup } from './wire.ts';

/** Milliseconds that somebody who lost a membership stays visible, struck out. */
const farewell = 2600;

/**
 * The target's own state: the groups of the SCIM directory, read from the directory itself and not from Latchkey. What is
 * shown here is what a production system would let people do.
 */
export function createDirectory(root: HTMLElement, store: Store): void {
  const groups = h('div', { class: 'groups' });
  root.append(
    h(
      'section',
      { class: 'card directory', 'aria-labelledby': 'directory-title' },
      h('h2', { class: 'card-title', id: 'directory-title' }, icon('people'), 'Directory'),
      h('p', { class: 'card-note' }, 'The target’s own state: who is really in which group, read from the directory.'),
      groups,
    ),
  );
  let before: Map<string, readonly string[]> | undefined;
  const leaving = new Map<string, Set<string>>();
  const arrived = new Set<string>();
  const nameOf = (email: string) =>
    store.state().directory.people.find((person) => person.email === email)?.name ?? email;

  const compare = (all: readonly DirectoryGroup[]) => {
    for (const group of all) {
      const old = before?.get(group.name);
      if (!old) continue;
      for (const email of group.members.filter((member) => !old.includes(member))) {
        arrived.add(`${group.name}/${email}`);
        leaving.get(group.name)?.delete(email);
        announce(`${nameOf(email)} is now in ${group.name}`);
      }
      for (const email of old.filter((member) => !group.members.includes(member))) {
        arrived.delete(`${group.name}/${email}`);
        const gone = leaving.get(group.name) ?? new Set();
        leaving.set(group.name, gone.add(email));
        announce(`${nameOf(email)} is no longer in ${group.name}`);
        setTimeout(() => {
          if (gone.delete(email)) update();
        }, farewell);
      }
    }
    before = new Map(all.map((group) => [group.name, [...group.members]]));
  };
  const person = (group: string, email: string, gone: boolean): HTMLElement => {
    const known = store.state().people.find((candidate) => candidate.name === nameOf(email));
    const fresh = arrived.has(`${group}/${email}`);
    return h(
      'li',
      {
        class: `member${gone ? ' is-leaving' : fresh ? ' is-arriving' : ''}`,
        'data-email': email,
        'aria-hidden': gone ? 'true' : undefined,
      },
      avatar(known ?? { id: email, name: nameOf(email), bot: false }),
      h('span', { class: 'member-name' }, nameOf(email)),
      !gone &&
        h(
          'button',
          {
            type: 'button',
            class: 'icon-button member-remove',
            'aria-label': `Take ${nameOf(email)} out of ${group} by hand`,
            'data-focus': email,
            on: { click: () => void set(group, email, false) },
          },
          icon('close'),
        ),
    );
  };
  const set = async (group: string, email: string, present: boolean) =>
    complain(await send('member', { group, email, present }));
  const draw = (group: DirectoryGroup, gone: readonly string[]): HTMLElement => {
    const absent = () => store.state().directory.people.filter(({ email }) => !group.members.includes(email));
    return h(
      'section',
      { class: 'group', tabindex: '-1', 'aria-label': group.name, 'data-group': group.name },
      h(
        'div',
        { class: 'group-head' },
        h('h3', { class: 'group-name' }, group.name),
        h('span', { class: 'count' }, group.members.length === 0 ? 'nobody' : String(group.members.length)),
        menuButton({
          class: 'icon-button group-add',
          label: `Put somebody into ${group.name} by hand`,
          content: ['+'],
          focus: 'add',
          items: () =>
            absent().map(({ email, name }) => ({
              content: [name],
              choose: () => set(group.name, email, true),
            })),
        }),
      ),
      group.members.length + gone.length > 0 &&
        h(
          'ul',
          { class: 'members' },
          ...group.members.map((email) => person(group.name, email, false)),
          ...gone.map((email) => person(group.name, email, true)),
        ),
    );
  };
  const update = () => {
    const all = store.state().directory.groups;
    compare(all);
    reconcile(
      groups,
      all.map((group): Keyed => {
        const gone = [...(leaving.get(group.name) ?? [])];
        return { key: group.name, signature: JSON.stringify([group, gone]), draw: () => draw(group, gone) };
      }),
    );
    arrived.clear();
  };
  store.subscribe(update);
  update();
}
