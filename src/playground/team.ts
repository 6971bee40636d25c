/** The id of the playground's workspace: no workspace of Slack's has it. */
export const PLAYGROUND_TEAM = 'T0LATCHKEY';
