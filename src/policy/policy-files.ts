/** One file of the policy folder. `path` is what problems and rules name, with `/` between folders. */
export interface PolicyFile {
  path: string;
  text: string;
  /** From the folder's own name on, where `path` leads to the folder from somewhere: where it was read is not what it is. */
  named?: string;
}

const POLICY = /\.ya?ml$/i;
const TEST = /\.test\.ya?ml$/i;

/** Whether a file name is that of a policy file. `*.test.yaml` files are tests of policies, not policies. */
export const isPolicyPath = (path: string): boolean => POLICY.test(path) && !TEST.test(path);

/** Whether a file name is that of a file with tests of policies. */
export const isTestPath = (path: string): boolean => TEST.test(path);

/** The policies among `files` in the order of their paths, without a byte order mark. */
export function policiesAmong(files: readonly PolicyFile[]): PolicyFile[] {
  return files
    .filter(({ path }) => isPolicyPath(path))
    .map((file) => ({ ...file, text: file.text.startsWith('\uFEFF') ? file.text.slice(1) : file.text }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
