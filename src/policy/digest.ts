import { createHash } from 'node:crypto';
import type { PolicyFile } from './policy-files.ts';

/**
 * The identity of a set of policy files: SHA-256 (lower-case hex) over all files in the order of their paths, each as
 * `<bytes of path>:<path><bytes of text>:<text>` in UTF-8. The lengths keep two different folders from giving one stream
 * of bytes. The order in which files are listed, a byte order mark and test files make no difference.
 */
export function digestOf(files: readonly PolicyFile[]): string {
  const hash = createHash('sha256');
  for (const { path, named = path, text } of files) {
    for (const part of [named, text]) {
      const bytes = Buffer.from(part, 'utf8');
      hash.update(`${bytes.length}:`).update(bytes);
    }
  }
  return hash.digest('hex');
}
