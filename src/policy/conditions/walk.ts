import type { ASTNode } from '@marcbachmann/cel-js';

/** A part of a condition, as the parser gives it. */
export type Node = Pick<ASTNode, 'op' | 'start' | 'end'> & { readonly args: unknown };

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

/** The parts right below a part, in the order in which they are written. */
export function partsOf(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(partsOf);
  return isNode(value) ? [value] : [];
}

/** `request.fields` as text; undefined for anything but names joined by dots. */
export function pathOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.op === 'id') return String(node.args);
  if (node.op !== '.' || !Array.isArray(node.args)) return undefined;
  const before = pathOf(node.args[0]);
  return before === undefined ? undefined : `${before}.${String(node.args[1])}`;
}

/** The text of a literal. */
export function literalText(node: unknown): string | undefined {
  return isNode(node) && node.op === 'value' && typeof node.args === 'string' ? node.args : undefined;
}
