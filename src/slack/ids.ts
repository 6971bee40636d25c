/** The ids that tie what we draw to the listeners. A click is known by these and the request's id, by nothing else. */
export const ACTION = {
  approve: 'approve',
  deny: 'deny',
  endNow: 'end-now',
  extend: 'extend',
  reviewFine: 'review-fine',
  reviewNotJustified: 'review-not-justified',
  chooseAccess: 'choose-access',
  chooseDuration: 'choose-duration',
} as const;

export const VIEW = { request: 'request-access', deny: 'deny-request', review: 'review-emergency' } as const;

/** Inputs of the modals, by block. */
export const BLOCK = { access: 'access', duration: 'duration', reason: 'reason', field: 'field' } as const;

export const INPUT = { reason: 'reason-text', field: 'field-value' } as const;

/** `metadata.event_type` of every message we post; the payload holds the idempotency key. */
export const MESSAGE_EVENT = 'latchkey_message';
