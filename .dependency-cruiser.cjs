/**
 * The import directions of docs/architecture.md as rules; `npm test` runs them. Each folder has one rule that lists what
 * it MAY import, so that anything new is refused until somebody decides about it here. Cycles are Biome's
 * (`noImportCycles`): it can tell an import of types, which may point back, from one of values.
 */

const own = (...folders) => folders.map((folder) => `^src/${folder}/`);
const core = (...modules) => `^(node:)?(${modules.join('|')})$`;
const npm = (...packages) => `(^|/)node_modules/(${packages.join('|')})(/|$)`;
const anyNpm = '(^|/)node_modules/';
const anyCore = { dependencyTypesNot: ['core'] };

/** `from` may import `allowed` and nothing else. */
const only = (name, comment, from, allowed, and = {}) => ({
  name,
  comment,
  severity: 'error',
  from,
  to: { pathNot: allowed, ...and },
});

/** compose.ts, and the pieces that it is cut into. */
const COMPOSITION = '^src/(compose|main|caller-api|connect-slack|open-targets|policy-source|readiness)\\.ts$';

const ADAPTERS = ['store', 'providers', 'slack', 'http', 'scheduler', 'tokens'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    only('domain-is-pure', 'The domain imports nothing but itself.', { path: '^src/domain/' }, own('domain')),
    only(
      'policy-is-pure',
      'Policy imports the domain, yaml, zod, CEL, RE2 and node:crypto. Only read-folder.ts reads files.',
      { path: '^src/policy/', pathNot: '^src/policy/read-folder\\.ts$' },
      [...own('policy', 'domain'), npm('yaml', 'zod', '@marcbachmann/cel-js', 're2js'), core('crypto')],
    ),
    only(
      'policy-reads-one-folder',
      'The loader reads files and needs no more than that.',
      { path: '^src/policy/read-folder\\.ts$' },
      [
        ...own('policy', 'domain'),
        npm('yaml', 'zod', '@marcbachmann/cel-js', 're2js'),
        core('crypto', 'fs', 'fs/promises', 'path'),
      ],
    ),
    only('audit-is-pure', 'Audit imports the domain and node:crypto.', { path: '^src/audit/' }, [
      ...own('audit', 'domain'),
      core('crypto'),
    ]),
    only(
      'app-knows-ports-only',
      'Use cases import the domain, policy, audit and their own ports; the world comes in through ports.',
      { path: '^src/app/' },
      [...own('app', 'domain', 'policy', 'audit'), core('crypto')],
    ),
    only(
      'policy-tests-run-the-core',
      'The tests of policies run the use cases over a world of their own in memory: no adapter, no I/O.',
      { path: '^src/policy-test/' },
      [...own('policy-test', 'app', 'domain', 'policy', 'audit'), npm('yaml', 'zod')],
    ),
    ...ADAPTERS.map((folder) =>
      only(
        `${folder}-is-an-adapter`,
        'Adapters import app and domain, never one another.',
        { path: `^src/${folder}/` },
        [...own(folder, 'app', 'domain'), anyNpm],
        anyCore,
      ),
    ),
    only(
      'playground-is-outside',
      'The playground is an outside Slack: it meets the product over HTTP only.',
      { path: '^src/playground/', pathNot: '^src/playground/browser/' },
      [...own('playground', 'app', 'domain'), anyNpm],
      anyCore,
    ),
    only(
      'browser-is-alone',
      'What runs in the browser is not bundled: it imports its own files only.',
      { path: '^src/playground/browser/' },
      own('playground/browser'),
    ),
    only(
      'root-files-stand-alone',
      'Configuration and logging know nothing of the product.',
      { path: '^src/(config|caller-config|logger|redact|secret)\\.ts$' },
      ['^src/(config|redact|secret)\\.ts$', anyNpm],
      anyCore,
    ),
    {
      name: 'one-composition-root',
      comment: 'Only the files of the composition root and the CLI join adapters to the core.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/cli/', COMPOSITION, ...own(...ADAPTERS, 'playground')] },
      to: { path: own(...ADAPTERS, 'playground') },
    },
    only(
      'callers-need-no-server',
      'What runs in pipelines loads no adapter, no use case and no database.',
      { path: '^src/cli/action/' },
      [
        '^src/cli/(action/|terminal\\.ts$)',
        '^src/(caller-config|secret)\\.ts$',
        ...own('domain'),
        '^src/policy/printable\\.ts$',
        npm('zod'),
      ],
      anyCore,
    ),
    {
      name: 'providers-know-themselves-only',
      comment: 'One folder a provider: what two of them share lies beside the folders.',
      severity: 'error',
      from: { path: '^src/providers/([^/]+)/' },
      to: { path: '^src/providers/[^/]+/', pathNot: '^src/providers/$1/' },
    },
    {
      name: 'product-without-tests',
      comment: 'What is shipped imports nothing of test/, bench/ or scripts/.',
      severity: 'error',
      from: { path: '^(src|bin)/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'product-without-dev-dependencies',
      comment: 'An installation without dev dependencies runs the product.',
      severity: 'error',
      from: { path: '^(src|bin)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'everything-resolves',
      comment: 'An import that leads nowhere cannot be checked.',
      severity: 'error',
      from: { pathNot: '^src/store/generated/' },
      to: { couldNotResolve: true, pathNot: '^src/store/generated/' },
    },
  ],
  options: {
    // TypeScript 7 has no compiler API; swc parses, and keeps imports of types, which point inwards as well.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['(^|/)node_modules/', '^src/store/generated/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
