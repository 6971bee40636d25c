/** What every document starts with: `version: 1` and one of these kinds. */
export const KINDS = ['access', 'targets', 'directory', 'settings'] as const;
export type Kind = (typeof KINDS)[number];

/** Kinds of the language that this release does not do yet. */
export const KINDS_NOT_YET = ['action'] as const;

export const VERSION = 1;
