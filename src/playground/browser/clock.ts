import { send } from './api.ts';
import { h, icon, setText } from './dom.ts';
import type { Store } from './store.ts';
import { announce, complain } from './toast.ts';

const steps = [
  { label: '+1 min', words: 'Move the clock on by 1 minute', ms: 60_000 },
  { label: '+15 min', words: 'Move the clock on by 15 minutes', ms: 15 * 60_000 },
  { label: '+1 h', words: 'Move the clock on by 1 hour', ms: 3_600_000 },
  { label: '+1 d', words: 'Move the clock on by 1 day', ms: 86_400_000 },
] as const;

export interface Clock {
  /** Moves the time on, as its buttons do. */
  advance(ms: number): Promise<void>;
}

/** The virtual time and the buttons that move it. It never goes back: neither does the product's. */
export function createClock(root: HTMLElement, store: Store, advanced: () => void): Clock {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const time = h('span', { class: 'clock-time' });
  const seconds = h('span', { class: 'clock-seconds', 'aria-hidden': 'true' });
  const date = h('p', { class: 'clock-date' });
  const utc = h('p', { class: 'clock-utc' });
  const advance = async (ms: number) => {
    const answer = await send('clock', { advance: ms });
    complain(answer);
    if (!answer.ok) return;
    advanced();
    await store.refresh();
    draw();
    announce(`The clock shows ${time.textContent}, ${date.textContent}`);
  };
  const buttons = steps.map((step) =>
    h(
      'button',
      {
        type: 'button',
        class: 'step',
        'aria-label': `${step.label}: ${step.words}`,
        on: { click: () => void advance(step.ms) },
      },
      step.label,
    ),
  );
  root.append(
    h(
      'section',
      { class: 'card clock', 'aria-labelledby': 'clock-title' },
      h('h2', { class: 'card-title', id: 'clock-title' }, icon('clock'), 'Clock', h('span', { class: 'zone' }, zone)),
      h('p', { class: 'clock-face' }, time, seconds),
      date,
      utc,
      h('div', { class: 'steps', role: 'group', 'aria-label': 'Move the clock on' }, ...buttons),
    ),
  );
  const local = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const day = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  const draw = () => {
    const now = store.now();
    setText(time, local.format(now));
    setText(seconds, `:${String(Math.floor(now / 1000) % 60).padStart(2, '0')}`);
    setText(date, day.format(now));
    const iso = new Date(now).toISOString();
    setText(utc, `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`);
  };
  setInterval(draw, 1000);
  store.subscribe(draw);
  draw();
  return { advance };
}
