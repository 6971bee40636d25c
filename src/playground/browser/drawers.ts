/**
 * The side columns as drawers, where the window is too narrow to show them beside the conversation. Closed, a drawer is
 * out of reach of the keyboard and of screen readers; open, Esc or a press outside closes it and the focus goes back.
 */
export interface Drawer {
  close(): void;
}

export function createDrawer(drawer: HTMLElement, button: HTMLButtonElement, narrow: string, name: string): Drawer {
  const media = window.matchMedia(narrow);
  let open = false;
  const layout = drawer.parentElement;
  const apply = () => {
    const away = media.matches && !open;
    drawer.inert = away;
    drawer.classList.toggle('is-open', media.matches && open);
    layout?.classList.toggle(`has-${name}`, media.matches && open);
    button.hidden = !media.matches;
    button.setAttribute('aria-expanded', String(media.matches && open));
  };
  const set = (value: boolean, refocus: boolean) => {
    if (open === value) return;
    open = value;
    apply();
    if (!media.matches) return;
    if (open) drawer.querySelector<HTMLElement>('[aria-current], button')?.focus();
    else if (refocus) button.focus();
  };
  button.setAttribute('aria-controls', drawer.id);
  button.addEventListener('click', () => set(!open, true));
  drawer.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !open) return;
    event.preventDefault();
    set(false, true);
  });
  document.addEventListener('pointerdown', (event) => {
    if (!open || !media.matches || !(event.target instanceof Node)) return;
    if (!drawer.contains(event.target) && !button.contains(event.target)) set(false, false);
  });
  media.addEventListener('change', apply);
  apply();
  return { close: () => set(false, false) };
}
