import { h, icon, replace } from './dom.ts';

export interface GuideStep {
  title: string;
  /** What to do, in a few words. */
  text: string;
  code?: string;
  go(): void | Promise<void>;
}

export interface Guide {
  /** Ticks a step off, however it was done. */
  done(step: number): void;
  show(): void;
}

const key = 'latchkey-playground-guide';

/** "Try this": three steps that lead a newcomer through one whole request. Dismissed once, it stays away. */
export function createGuide(root: HTMLElement, steps: readonly GuideStep[]): Guide {
  const finished = new Set<number>();
  const strip = h('section', { class: 'guide', 'aria-labelledby': 'guide-title' });
  root.prepend(strip);
  const remember = (value: string) => {
    try {
      window.localStorage.setItem(key, value);
    } catch {
      // A browser that keeps nothing shows the guide again next time; nothing is lost.
    }
  };
  const dismissed = (): boolean => {
    try {
      return window.localStorage.getItem(key) === 'dismissed';
    } catch {
      return false;
    }
  };
  const draw = () => {
    const next = steps.findIndex((_, index) => !finished.has(index));
    replace(
      strip,
      h(
        'div',
        { class: 'guide-head' },
        h('h2', { class: 'guide-title', id: 'guide-title' }, next < 0 ? 'That was one whole request' : 'Try this'),
        next < 0 &&
          h(
            'p',
            { class: 'guide-next' },
            'Its record, checked in a terminal: ',
            h('code', {}, 'npx latchkey audit verify'),
          ),
        h(
          'button',
          {
            type: 'button',
            class: 'icon-button',
            'aria-label': 'Dismiss “Try this”',
            on: {
              click: () => {
                strip.hidden = true;
                remember('dismissed');
                document.querySelector<HTMLElement>('#composer-input')?.focus();
              },
            },
          },
          icon('close'),
        ),
      ),
      h(
        'ol',
        { class: 'guide-steps' },
        ...steps.map((step, index) => {
          const done = finished.has(index);
          return h(
            'li',
            {},
            h(
              'button',
              {
                type: 'button',
                class: `guide-step${done ? ' is-done' : index === next ? ' is-next' : ''}`,
                'data-focus': `step-${index}`,
                on: { click: () => void step.go() },
              },
              h('span', { class: 'guide-number', 'aria-hidden': 'true' }, done ? icon('check') : String(index + 1)),
              h(
                'span',
                { class: 'guide-words' },
                h('span', { class: 'guide-name' }, step.title),
                done && h('span', { class: 'visually-hidden' }, ' (done)'),
                step.code === undefined ? h('small', {}, step.text) : h('code', {}, step.code),
              ),
            ),
          );
        }),
      ),
    );
  };
  strip.hidden = dismissed();
  draw();
  return {
    done(step) {
      if (finished.has(step)) return;
      finished.add(step);
      const focused = strip.contains(document.activeElement)
        ? (document.activeElement as HTMLElement).dataset.focus
        : undefined;
      draw();
      if (focused) strip.querySelector<HTMLElement>(`[data-focus="${focused}"]`)?.focus();
    },
    show() {
      strip.hidden = false;
      remember('shown');
      strip.querySelector<HTMLElement>('.guide-step')?.focus();
    },
  };
}
