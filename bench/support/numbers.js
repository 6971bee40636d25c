/** @param {readonly number[]} values @param {number} percent above 0, at most 100; nearest rank, never interpolated */
export function percentile(values, percent) {
  if (values.length === 0) throw new Error('there is no percentile of nothing');
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? Number.NaN;
}

/** @param {readonly number[]} values */
export const median = (values) => percentile(values, 50);

/** @param {number} value @param {number} [digits] significant ones */
export const rounded = (value, digits = 3) => Number(value.toPrecision(digits));

/** @param {number} value milliseconds @returns {string} with three significant digits */
export const ms = (value) => `${rounded(value)} ms`;
