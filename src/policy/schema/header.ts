/** What every document starts with: `version: 1` and one of these kinds. */
export const KINDS = ['access', 'action', 'targets', 'directory', 'settings'] as const;
export type Kind = (typeof KINDS)[number];

export const VERSION = 1;
