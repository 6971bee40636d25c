import { send } from './api.ts';
import { h, icon, setText } from './dom.ts';
import type { Store } from './store.ts';
import { announce, complain } from './toast.ts';
import type { PipelineLine, PipelineRun } from './wire.ts';

const STATES: Readonly<Record<PipelineRun['state'], string>> = {
  running: 'waiting',
  passed: 'go ahead',
  failed: 'stopped',
};

const MARGIN = 14;

interface Shown {
  element: HTMLElement;
  update(run: PipelineRun): void;
}

/** The logs of the jobs, the newest first. Lines are only ever added, so nothing moves under who reads them. */
export function createRuns(root: HTMLElement, store: Store): () => void {
  const shown = new Map<number, Shown>();
  const time = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    // As the logs of most CI systems.
    timeZone: 'UTC',
  });
  // What was there when the page was opened is not news to anybody.
  let news = false;
  return () => {
    const { runs } = store.state().pipelines;
    for (const [number, { element }] of shown) {
      if (runs.some((run) => run.number === number)) continue;
      element.remove();
      shown.delete(number);
    }
    for (const run of [...runs].reverse()) {
      let each = shown.get(run.number);
      if (!each) {
        each = draw(
          run,
          (at) => `${time.format(at)} UTC`,
          () => news,
        );
        for (const other of shown.values()) other.element.removeAttribute('open');
        shown.set(run.number, each);
        root.prepend(each.element);
        if (news) bringUp(each.element);
      }
      each.update(run);
    }
    news = true;
  };
}

/** NB. only its own column scrolls: `scrollIntoView` would move the whole page where that is a drawer out of sight. */
function bringUp(run: HTMLElement): void {
  const column = run.closest('.panel');
  column?.scrollBy({ top: run.getBoundingClientRect().top - column.getBoundingClientRect().top - MARGIN });
}

function draw(first: PipelineRun, timeOf: (at: number) => string, news: () => boolean): Shown {
  const state = h('span', { class: 'run-state' });
  const lines = h('ol', { class: 'run-log' });
  const head = h(
    'summary',
    { class: 'run-head' },
    h('span', { class: 'run-name' }, `#${first.number} ${first.action}`),
    state,
    icon('chevron'),
  );
  const cancel = h(
    'button',
    {
      type: 'button',
      class: 'button run-cancel',
      'aria-label': `Cancel run ${first.number}`,
      on: { click: async () => complain(await send('pipeline-cancel', { run: first.number })) },
    },
    'Cancel',
  );
  const name = `${first.action}, run ${first.number}`;
  let before = '';
  const element = h('details', { class: 'run', open: true, 'data-run': first.number }, head, lines, cancel);
  return {
    element,
    update(run) {
      for (const line of run.lines.slice(lines.childElementCount)) {
        const time = timeOf(line.at);
        lines.append(drawLine(line, time === before ? '' : time));
        before = time;
        if (news() && line.kind !== 'command') announce(`${name}: ${line.text}`);
      }
      // Gone with the focus on it, it hands that to what is left of the run.
      if (run.state !== 'running' && !cancel.hidden) {
        if (document.activeElement === cancel) head.focus();
        cancel.hidden = true;
      }
      element.dataset.state = run.state;
      setText(state, STATES[run.state]);
    },
  };
}

/** The time stands once over the lines of one second. */
const drawLine = ({ at, kind, text }: PipelineLine, time: string): HTMLElement =>
  h(
    'li',
    { class: `run-line is-${kind}` },
    time !== '' && h('time', { class: 'run-time', datetime: new Date(at).toISOString() }, time),
    h('span', { class: 'run-text' }, kind === 'command' ? `$ ${text}` : text),
  );
