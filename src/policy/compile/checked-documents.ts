import type { z } from 'zod';
import type { Problem } from '../problems.ts';
import { problemsOf } from '../schema/issues.ts';
import { type Read, readWith } from '../schema/readable.ts';
import { isRead } from '../unread.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

/** The documents of one kind, as their schema reads them. */
export class CheckedDocuments<S extends z.ZodType> {
  /** Those that are right. */
  readonly sound: readonly { document: YamlDocument; data: z.output<S> }[];
  /** All of them, as far as they can be read. */
  readonly parts: readonly { document: YamlDocument; parts: Read<S> }[];
  readonly problems: readonly Problem[];
  /** Nothing was left out. */
  readonly whole: boolean;

  constructor(documents: readonly YamlDocument[], schema: S) {
    const sound: { document: YamlDocument; data: z.output<S> }[] = [];
    const readable: { document: YamlDocument; parts: Read<S> }[] = [];
    const problems: Problem[] = [];
    for (const document of documents) {
      const checked = readWith(schema, document.value);
      if (checked.sound) sound.push({ document, data: checked.data });
      else for (const each of problemsOf(document, schema, checked.issues)) problems.push(each);
      // A document is a mapping, so that it can be gone into.
      if (isRead(checked.parts)) readable.push({ document, parts: checked.parts as Read<S> });
    }
    this.sound = sound;
    this.parts = readable;
    this.problems = problems;
    this.whole = sound.length === documents.length;
  }
}
