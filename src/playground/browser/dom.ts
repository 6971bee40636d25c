/**
 * Nodes, built one by one. NB. There is no `innerHTML` anywhere in this page: text of a message can only ever become a
 * text node, whatever it holds.
 */

export type Child = Node | string | null | undefined | false;

type Listeners = { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };

export interface Properties {
  class?: string | undefined;
  on?: Listeners;
  /** Attributes; `false` and undefined leave one out, `true` sets it empty. */
  [attribute: string]: string | number | boolean | undefined | Listeners;
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value as Listeners)) {
        element.addEventListener(event, listener as EventListener);
      }
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  append(element, children);
  return element;
}

export function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    parent.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
  }
}

export function replace(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

/** Sets the text only if it differs, so that live regions speak and selections stay only when something happened. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

let counter = 0;
/** An id that no other element of the page has. */
export const uniqueId = (prefix: string): string => `${prefix}-${++counter}`;

export interface Keyed {
  key: string;
  /** Changes exactly when the node must be drawn again. */
  signature: string;
  draw(): HTMLElement;
}

/**
 * Makes the children of `parent` those of `items`, in order, leaving every node alone whose signature is unchanged: focus,
 * selection, scroll and open menus stay. A node that is drawn again gives its focus on to its successor.
 */
export function reconcile(parent: Element, items: readonly Keyed[]): { added: HTMLElement[]; changed: HTMLElement[] } {
  const old = new Map<string, HTMLElement>();
  for (const child of parent.children) {
    if (child instanceof HTMLElement && child.dataset.key !== undefined) old.set(child.dataset.key, child);
  }
  const added: HTMLElement[] = [];
  const changed: HTMLElement[] = [];
  const wanted = new Set(items.map((item) => item.key));
  let refocus: (() => void) | undefined;
  for (const [key, node] of old) if (!wanted.has(key)) node.remove();
  let cursor: Element | null = parent.firstElementChild;
  for (const item of items) {
    const before = old.get(item.key);
    if (before && before.dataset.signature === item.signature) {
      if (before === cursor) cursor = cursor.nextElementSibling;
      else parent.insertBefore(before, cursor);
      continue;
    }
    const node = item.draw();
    node.dataset.key = item.key;
    node.dataset.signature = item.signature;
    if (before) {
      const focus = focusKey(before);
      if (before === cursor) cursor = cursor.nextElementSibling;
      if (before.parentElement === parent) before.replaceWith(node);
      if (node.nextElementSibling !== cursor) parent.insertBefore(node, cursor);
      changed.push(node);
      if (focus !== undefined) refocus = () => restoreFocus(node, focus);
    } else {
      parent.insertBefore(node, cursor);
      added.push(node);
    }
  }
  refocus?.();
  return { added, changed };
}

/** Which control inside `root` has the focus, by its `data-focus`; '' if one without; undefined if the focus is elsewhere. */
function focusKey(root: HTMLElement): string | undefined {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !root.contains(active)) return undefined;
  return active.dataset.focus ?? '';
}

/** Puts the focus on the same control again or, when it is gone (a decided request has no buttons), on the nearest thing. */
function restoreFocus(root: HTMLElement, key: string): void {
  const same = key === '' ? null : root.querySelector<HTMLElement>(`[data-focus="${CSS.escape(key)}"]`);
  const target = same ?? (root.tabIndex === -1 ? root : root.querySelector<HTMLElement>('[tabindex="-1"]'));
  target?.focus({ preventScroll: true });
}

/** The line icons of the page, as path data on a 20 × 20 grid. */
const icons = {
  key: 'M13 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM10.2 9.8l-6.7 6.7M5.6 14.4l2 2M8.2 11.8l1.7 1.7',
  menu: 'M3 5.5h14M3 10h14M3 14.5h14',
  panel: 'M3 4.5h14v11H3zM12 4.5v11',
  chevron: 'm6 8 4 4 4-4',
  close: 'm5 5 10 10M15 5 5 15',
  send: 'M3 10 17 3.5 13 17l-3.5-5.5L3 10Zm6.5 1.5L17 3.5',
  eye: 'M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5Zm7.5 2.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z',
  clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm0-11v4l2.6 2',
  people:
    'M7.5 9.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4ZM2.5 16c.3-2.8 2.3-4.4 5-4.4s4.7 1.6 5 4.4M13 4.4a2.6 2.6 0 0 1 0 5M14.5 11.9c1.7.5 2.8 1.9 3 4.1',
  warning: 'M10 3.5 18 16.5H2L10 3.5Zm0 5v3.5M10 14.2v.1',
  play: 'M6.5 4.2v11.6L16 10 6.5 4.2Z',
  check: 'm4.5 10.5 3.5 3.5 7.5-8',
} as const;

const svg = 'http://www.w3.org/2000/svg';

/** A decorative icon: hidden from screen readers, so its button or heading needs words. */
export function icon(name: keyof typeof icons): SVGSVGElement {
  const image = document.createElementNS(svg, 'svg');
  image.setAttribute('viewBox', '0 0 20 20');
  image.setAttribute('class', `icon icon-${name}`);
  image.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', icons[name]);
  image.append(path);
  return image;
}
