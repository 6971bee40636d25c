import { send } from './api.ts';
import { h, icon, replace, uniqueId } from './dom.ts';
import { createRuns } from './pipeline-runs.ts';
import type { Store } from './store.ts';
import { complain } from './toast.ts';
import type { PipelineAction, PipelineInput } from './wire.ts';

/**
 * A pipeline that asks for an action, as a job in CI does. It is closed until somebody wants it, and not there at all while
 * the policies have no action.
 */
export function createPipelines(root: HTMLElement, store: Store): void {
  const body = h('div', { class: 'pipelines-body' });
  const runs = h('div', { class: 'runs' });
  const card = h(
    'section',
    { class: 'card pipelines', 'aria-labelledby': 'pipelines-title' },
    h(
      'details',
      { class: 'pipelines-details' },
      h(
        'summary',
        {},
        h('h2', { class: 'card-title', id: 'pipelines-title' }, icon('play'), 'Pipelines'),
        icon('chevron'),
      ),
      h(
        'p',
        { class: 'card-note' },
        'A job that needs a go-ahead: it asks Latchkey over HTTP, waits, and uses its approval once.',
      ),
      body,
      runs,
    ),
  );
  root.append(card);
  const showRuns = createRuns(runs, store);
  let drawn = '';
  let chosen = '';
  const draw = () => {
    const { actions } = store.state().pipelines;
    const action = actions.find(({ name }) => name === chosen) ?? actions[0];
    const signature = JSON.stringify([actions.map(({ name }) => name), action]);
    // What somebody has written into the form stays there until the policies change.
    if (signature === drawn) return;
    drawn = signature;
    const focused = body.contains(document.activeElement) ? document.activeElement?.id : undefined;
    if (action) {
      replace(
        body,
        form(actions, action, store, (name) => {
          chosen = name;
          draw();
        }),
      );
      if (focused === CHOICE) document.getElementById(CHOICE)?.focus();
    } else replace(body);
  };
  const update = () => {
    const { pipelines } = store.state();
    card.hidden = pipelines.actions.length === 0 && pipelines.runs.length === 0;
    draw();
    showRuns();
  };
  store.subscribe(update);
  update();
}

const CHOICE = 'pipeline-action';
/** A reason where the policy wants one. */
const TRYING = 'Trying it in the playground';

function form(
  actions: readonly PipelineAction[],
  action: PipelineAction,
  store: Store,
  choose: (name: string) => void,
): HTMLElement {
  const select = h(
    'select',
    { class: 'input select', id: CHOICE, on: { change: () => choose(select.value) } },
    ...actions.map(({ name, title }) => h('option', { value: name, selected: name === action.name }, title)),
  );
  const inputs = action.notHere === undefined ? action.inputs.map(control) : [];
  const reason = control({
    name: 'reason',
    label: 'Reason',
    required: action.reasonRequired,
    example: action.reasonRequired ? TRYING : '',
  });
  const button = h('button', { type: 'submit', class: 'button button-primary' }, 'Run pipeline');
  const run = async () => {
    // NB. Two quick presses are one run.
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    const parameters = Object.fromEntries(inputs.map(({ name, value }) => [name, value()]));
    complain(
      await send('pipeline', { as: store.state().viewer, action: action.name, parameters, reason: reason.value() }),
    );
    button.removeAttribute('aria-busy');
  };
  return h(
    'form',
    {
      class: 'pipeline-form',
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault();
          void run();
        },
      },
    },
    h('label', { class: 'label', for: CHOICE }, 'Action'),
    h('span', { class: 'select-box' }, select),
    ...(action.notHere === undefined
      ? [
          h('p', { class: 'hint' }, h('code', {}, action.name), ` for ${action.caller ?? ''}.`),
          ...inputs.map(({ element }) => element),
          reason.element,
          button,
          h('p', { class: 'hint' }, 'It does nothing but ask: there is no deploy behind it.'),
        ]
      : [h('p', { class: 'hint' }, h('code', {}, action.name), `: ${action.notHere}`)]),
  );
}

interface Control {
  name: string;
  element: HTMLElement;
  value(): string;
}

/** NB. nothing is checked here: what a pipeline sends is the product's to refuse, and its refusal is worth seeing. */
function control({ name, label, hint, required, choices, example }: PipelineInput): Control {
  const id = uniqueId('pipeline');
  const attributes = {
    id,
    'aria-required': required ? 'true' : undefined,
    'aria-describedby': hint === undefined ? undefined : `${id}-hint`,
  };
  const input = choices
    ? h(
        'select',
        { class: 'input select', ...attributes },
        ...(required ? [] : [h('option', { value: '' }, '—')]),
        ...choices.map((choice) => h('option', { value: choice, selected: choice === example }, choice)),
      )
    : h('input', {
        class: 'input',
        type: 'text',
        value: example,
        autocomplete: 'off',
        spellcheck: 'false',
        ...attributes,
      });
  return {
    name,
    value: () => input.value,
    element: h(
      'div',
      { class: 'pipeline-input' },
      h('label', { class: 'label', for: id }, label, !required && h('span', { class: 'optional' }, ' (optional)')),
      choices ? h('span', { class: 'select-box' }, input) : input,
      hint !== undefined && h('p', { class: 'hint', id: `${id}-hint` }, hint),
    ),
  };
}
