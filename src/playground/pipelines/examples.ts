import type { ActionToRun } from './actions.ts';

/** What pipelines usually hand over. The first that a parameter takes stands in its input, to be changed or sent. */
const USUAL = [
  '4f2a9c1e0b7d6a5f4e3d2c1b0a9f8e7d6c5b4a39',
  '4f2a9c1',
  'v1.4.2',
  '1.4.2',
  '42',
  'INC-42',
  'OPS-42',
  'CHG-1042',
  'LEGAL-4711',
  'C-104211',
  'main',
  'api',
  'acme/api',
  'registry.example.com/api:1.4.2',
  'arn:aws:iam::123456789012:role/deploy',
  'https://example.com/',
  'ana@example.com',
  '2026-03-03',
  'example',
  'EXAMPLE-1',
] as const;

/** A value that the parameter takes; empty when none comes to mind, or none was asked for. */
export function example({ choices, pattern, required }: ActionToRun['parameters'][number]): string {
  if (choices) return choices[0] ?? '';
  if (pattern) return USUAL.find((value) => pattern.test(value)) ?? '';
  return required ? 'example' : '';
}
