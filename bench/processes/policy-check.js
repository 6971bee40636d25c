import { performance } from 'node:perf_hooks';
import { built } from '../support/built.js';

/** @type {typeof import('../../src/policy-source.ts')} */
const { loadPolicies } = await built('policy-source.js');
/** @type {typeof import('../../src/providers/registry.ts')} */
const { providers } = await built('providers/registry.js');
/** @type {typeof import('../../src/policy/review/review.ts')} */
const { review } = await built('policy/review/review.js');

const start = performance.now();
const loaded = await loadPolicies({ dir: process.argv[2] ?? '', providers, env: () => 'x'.repeat(32) });
if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
const warnings = review(loaded.policies);
const ms = performance.now() - start;
if (warnings.length > 0) throw new Error(warnings.map(({ sentence }) => sentence).join('\n'));
process.send?.({ ms, rss: process.resourceUsage().maxRSS * 1024 });
process.disconnect?.();
