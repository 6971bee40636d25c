import type { Workspace } from './workspace.ts';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * The text of a command whose `should_escape` is on: names of people and channels become what they name, links are marked,
 * and the three characters of Slack's markup are escaped.
 */
export const escapedCommand = (typed: string, workspace: Workspace): string =>
  typed
    .replace(/[&<>]/g, (each) => ENTITIES[each] ?? each)
    .replace(/(?<![\w@])@([a-z0-9._-]+)|(?<![\w#&])#([a-z0-9_-]+)|https?:\/\/\S+/g, (whole, person, channel) => {
      if (person !== undefined) {
        const user = [...workspace.people.values()].find(({ name }) => name === person);
        return user ? `<@${user.id}|${user.name}>` : whole;
      }
      if (channel === undefined) return `<${whole}>`;
      const found = workspace.channel(channel);
      return found ? `<#${found.id}|${found.name}>` : whole;
    });
