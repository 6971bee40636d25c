import { NAME_SHAPE } from '../policy/index.ts';
import { hashOfApiKey, newApiKey } from '../tokens/api-key.ts';
import { type Command, EXIT } from './terminal.ts';

const USAGE = 'Usage: latchkey api-key NAME\n';

/** `latchkey api-key`: a new key for a caller, and the line for the policies. NB. the key is kept nowhere. */
export const apiKey: Command = async ([name = '', ...more], terminal) => {
  if (!NAME_SHAPE.test(name) || more.length > 0) {
    terminal.err(`Name whoever will call, in a-z, 0-9 and - (not at an end): latchkey api-key jenkins\n${USAGE}`);
    return EXIT.usage;
  }
  const key = newApiKey();
  terminal.err('The key, for the secrets of whoever calls. It is shown this once:\n');
  terminal.out(`${key}\n`);
  terminal.err(
    `The line for \`kind: settings\` in the policies, which is no secret:\napi_keys: {${name}: 'sha256:${hashOfApiKey(key)}'}\n`,
  );
  return EXIT.ok;
};
