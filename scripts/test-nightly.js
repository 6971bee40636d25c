/**
 * `npm run test:nightly`: the property tests, the model and the simulation with twenty times as many cases as in
 * `npm test`: 100,000 stories against the model alone. With arguments, those suites only.
 */
process.env.PROPERTY_FACTOR ??= '20';
process.env.TEST_MS_TO_FINISH ??= String(6 * 60 * 60_000);
if (process.argv.length === 2) process.argv.push('test/model', 'test/properties', 'test/simulation/simulation');
await import('./test.js');
