/**
 * What the playground's server and its page say to each other, as JSON. Types only: both sides import this file, so a
 * change on one side is a type error on the other. No secret of the product ever has a place here.
 */

/** A Block Kit object as Slack keeps it. The page draws what it knows and names what it does not. */
export type Block = Record<string, unknown> & { type: string; block_id?: string };

export interface Person {
  id: string;
  /** What people call them: `Ana`. */
  name: string;
  /** Who they are, in a few words: `Backend engineer`. */
  line: string;
  bot: boolean;
}

export interface Message {
  /** Slack's id of a message in its channel: seconds, a dot, six digits. Sorts as text. */
  ts: string;
  /** Absent for a message of the workspace itself. */
  user: string;
  text: string;
  blocks: Block[];
  /** Only the viewer sees it; it can not be changed later. */
  ephemeral: boolean;
  edited: boolean;
  replies: Message[];
}

export interface Conversation {
  id: string;
  kind: 'channel' | 'dm';
  /** A channel's name without `#`, or the name of the other side of a direct message. */
  name: string;
  /** The other side of a direct message. */
  with?: string;
  topic: string;
  messages: Message[];
}

export interface View {
  id: string;
  hash: string;
  title: string;
  /** Absent: the view has nothing to submit. */
  submit?: string;
  submitDisabled: boolean;
  close: string;
  blocks: Block[];
  /** What is wrong with an input, by block id. */
  errors: Record<string, string>;
  /** What Slack says over the whole view when the app did not answer. */
  notice?: string;
}

export interface DirectoryGroup {
  name: string;
  /** E-mail addresses, in the directory's order. */
  members: string[];
}

/** One parameter of an action. */
export interface PipelineInput {
  name: string;
  label: string;
  hint?: string;
  required: boolean;
  choices?: string[];
  /** What it takes, to begin with; may be empty. */
  example: string;
}

/** An action of the policies in force, as a pipeline asks for it. */
export interface PipelineAction {
  name: string;
  title: string;
  inputs: PipelineInput[];
  reasonRequired: boolean;
  /** Who the pipeline is to the product. Absent: the playground cannot be any caller of it, and says why. */
  caller?: string;
  notHere?: string;
}

/** One line of a job's log. */
export interface PipelineLine {
  /** Virtual time, epoch milliseconds. */
  at: number;
  kind: 'command' | 'say' | 'good' | 'bad';
  text: string;
}

export interface PipelineRun {
  /** 1 for the first since the start. */
  number: number;
  action: string;
  /** The name of whoever pressed the button. */
  by: string;
  /** `passed`: it was told to go ahead; `failed`: it was not. */
  state: 'running' | 'passed' | 'failed';
  lines: PipelineLine[];
}

/** Everything one person sees at one moment. */
export interface State {
  /** Grows with every change of anything. */
  version: number;
  team: string;
  viewer: string;
  /** The virtual time in epoch milliseconds when this was made; it goes on by itself, one second a second. */
  now: number;
  people: Person[];
  /** User groups by id, for mentions. */
  usergroups: Record<string, string>;
  conversations: Conversation[];
  /** The viewer's open views, the topmost last. */
  views: View[];
  directory: { groups: DirectoryGroup[]; people: { email: string; name: string }[] };
  /** The newest run first. */
  pipelines: { actions: PipelineAction[]; runs: PipelineRun[] };
}

/** What a person entered: text, an option (or several), a date, or nothing. */
export type InputValue = string | string[] | SelectOption | SelectOption[] | null;

/** A view's inputs: `block_id/action_id` → what was entered. */
export type ViewValues = Record<string, InputValue>;

export interface TextObject {
  type: 'plain_text' | 'mrkdwn';
  text: string;
  emoji?: boolean;
  verbatim?: boolean;
}

export interface SelectOption {
  text: TextObject;
  value: string;
  description?: TextObject;
}

/** Where a block stands: in a view or in a message. */
export type Surface = { view: string } | { channel: string; ts: string };

export interface Requests {
  /** `text` is the whole line: `/access list`. */
  command: { as: string; channel: string; text: string };
  click: { as: string; channel: string; ts: string; blockId: string; actionId: string; value: InputValue };
  'view-action': { as: string; view: string; blockId: string; actionId: string; value: InputValue; values: ViewValues };
  'view-submit': { as: string; view: string; values: ViewValues };
  'view-close': { as: string; view: string };
  options: Surface & { as: string; blockId: string; actionId: string; query: string };
  post: { as: string; channel: string; text: string; thread?: string };
  /** `advance`: milliseconds, more than 0 and at most 31 days. */
  clock: { advance: number };
  member: { group: string; email: string; present: boolean };
  pipeline: { as: string; action: string; parameters: Record<string, string>; reason: string };
  'pipeline-cancel': { run: number };
}

export interface Answers {
  command: Done;
  click: Done;
  'view-action': Done;
  'view-submit': Done;
  'view-close': Done;
  options: Done & { options?: SelectOption[] };
  post: Done;
  clock: Done;
  member: Done;
  pipeline: Done;
  'pipeline-cancel': Done;
}

/** `problem` is a sentence for the person, when it did not work. */
export interface Done {
  ok: boolean;
  problem?: string;
}
