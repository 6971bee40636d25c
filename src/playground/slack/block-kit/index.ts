import type { Block } from '../types.ts';
import { blocksOf, newReport } from './blocks.ts';
import { type Check, isObject, type Surface } from './checks.ts';
import { suggestions } from './composition.ts';
import { viewOf } from './views.ts';

const run = (check: Check, surface: Surface, value: unknown, at: string): string[] => {
  const problems: string[] = [];
  check(
    value,
    at,
    newReport(surface, (problem) => problems.push(problem)),
  );
  return problems;
};

/** Every problem of a message's blocks in Slack's words, each with its JSON pointer; none when they are right. */
export const messageProblems = (blocks: unknown): string[] => run(blocksOf('message'), 'message', blocks, '/blocks');

export const viewProblems = (view: unknown, type: 'modal' | 'home'): string[] => run(viewOf(type), type, view, '/view');

export const suggestionProblems = (answer: unknown): string[] => run(suggestions, 'modal', answer, '');

export interface Element {
  type: string;
  action_id: string;
  [field: string]: unknown;
}

const hasActionId = (value: unknown): value is Element => isObject(value) && typeof value.action_id === 'string';

const parts = (block: Block): unknown[] => [
  ...(Array.isArray(block.elements) && block.type !== 'rich_text' ? block.elements : []),
  block.accessory,
  block.element,
];

/** The interactive elements of a block that has passed the checks and got its ids. */
export const elementsOf = (block: Block): Element[] => parts(block).filter(hasActionId);

/** A copy with the ids that Slack makes up where the app gave none. */
export const withIds = (blocks: readonly unknown[], nextId: () => string): Block[] =>
  structuredClone(blocks).map((each) => {
    const block = each as Block;
    block.block_id ??= nextId();
    for (const part of parts(block)) {
      const passive = isObject(part) && ['image', 'mrkdwn', 'plain_text'].includes(String(part.type));
      if (isObject(part) && !passive) part.action_id ??= nextId();
    }
    return block;
  });

/** Finds an element by `action_id`, by `block_id/action_id`, or by the `block_id` of a block that has only one. */
export const findElement = (blocks: readonly Block[], name: string): { block: Block; element: Element } | undefined => {
  const all = blocks.flatMap((block) => elementsOf(block).map((element) => ({ block, element })));
  const path = (found: { block: Block; element: Element }): string =>
    `${found.block.block_id}/${found.element.action_id}`;
  const ofBlock = all.filter(({ block }) => block.block_id === name);
  return (
    all.find((found) => path(found) === name) ??
    all.find(({ element }) => element.action_id === name) ??
    (ofBlock.length === 1 ? ofBlock[0] : undefined)
  );
};

/** For error messages: what could have been meant. */
export const elementNames = (blocks: readonly Block[]): string =>
  blocks.flatMap((block) => elementsOf(block).map((element) => `${block.block_id}/${element.action_id}`)).join(', ') ||
  'nothing';
