import { type Child, h, uniqueId } from './dom.ts';

export interface MenuItem {
  content: Child[];
  /** Set for a choice among others: which one is on. */
  checked?: boolean;
  choose(): void | Promise<void>;
}

export interface MenuOptions {
  /** What the menu is for. It names the button too, unless the button's own words do. */
  label: string;
  namedByContent?: boolean;
  content: Child[];
  class: string;
  /** `data-focus`, so that the focus finds it again after a new drawing. */
  focus?: string;
  items(): MenuItem[];
}

/** A button with a menu under it, after WAI-ARIA's pattern: arrows, Home, End, first letters, Esc, Tab leaves. */
export function menuButton(options: MenuOptions): HTMLElement {
  const menuId = uniqueId('menu');
  const isOpen = () => button.getAttribute('aria-expanded') === 'true';
  const items = (): HTMLElement[] => [...menu.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
  const close = (refocus: boolean) => {
    if (!isOpen()) return;
    button.setAttribute('aria-expanded', 'false');
    menu.hidden = true;
    document.removeEventListener('pointerdown', outside, true);
    if (refocus) button.focus();
  };
  const outside = (event: Event) => {
    if (event.target instanceof Node && !wrapper.contains(event.target)) close(false);
  };
  const open = (which: 'first' | 'last' | 'checked') => {
    menu.replaceChildren(
      ...options.items().map((item) =>
        h(
          'div',
          {
            role: item.checked === undefined ? 'menuitem' : 'menuitemradio',
            'aria-checked': item.checked === undefined ? undefined : String(item.checked),
            class: 'menu-item',
            tabindex: '-1',
            on: {
              click: () => {
                close(true);
                void item.choose();
              },
              mousemove: (event) => (event.currentTarget as HTMLElement).focus({ preventScroll: true }),
            },
          },
          ...item.content,
        ),
      ),
    );
    menu.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    document.addEventListener('pointerdown', outside, true);
    const all = items();
    const checked = all.find((item) => item.getAttribute('aria-checked') === 'true');
    (which === 'last' ? all.at(-1) : which === 'checked' ? (checked ?? all[0]) : all[0])?.focus();
  };
  const key = (event: KeyboardEvent) => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = (index: number) => all[(index + all.length) % all.length]?.focus();
    if (event.key === 'ArrowDown') to(at + 1);
    else if (event.key === 'ArrowUp') to(at - 1);
    else if (event.key === 'Home') to(0);
    else if (event.key === 'End') to(-1);
    else if (event.key === 'Escape') close(true);
    else if (event.key === 'Enter' || event.key === ' ') all[at]?.click();
    else if (event.key === 'Tab') return close(false);
    else if (/^[\p{L}\p{N}]$/u.test(event.key)) {
      const letter = event.key.toLowerCase();
      const order = [...all.slice(at + 1), ...all.slice(0, at + 1)];
      order
        .find((item) => (item.dataset.name ?? item.textContent ?? '').trim().toLowerCase().startsWith(letter))
        ?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const button = h(
    'button',
    {
      type: 'button',
      class: options.class,
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      'aria-controls': menuId,
      'aria-label': options.namedByContent ? undefined : options.label,
      'data-focus': options.focus,
      on: {
        click: () => (isOpen() ? close(true) : open('checked')),
        keydown: (event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          open(event.key === 'ArrowUp' ? 'last' : 'checked');
        },
      },
    },
    ...options.content,
  );
  const menu = h('div', {
    id: menuId,
    role: 'menu',
    class: 'menu',
    'aria-label': options.label,
    hidden: true,
    on: { keydown: key },
  });
  const wrapper = h('div', { class: 'menu-box' }, button, menu);
  return wrapper;
}
