/**
 * One line of the table. Exactly one of `most` and `least` is the limit.
 *
 * @typedef {object} Result
 * @property {string} bench
 * @property {string} what
 * @property {number} value
 * @property {string} unit
 * @property {number} [most]
 * @property {number} [least]
 * @property {string} seen the figures behind the value
 * @property {string} [baseline] the same of what it is compared with
 * @property {unknown} [rounds] everything that was measured, for the JSON
 */

/** @param {Result} result */
export const passes = ({ value, most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY }) =>
  value <= most && value >= least;
