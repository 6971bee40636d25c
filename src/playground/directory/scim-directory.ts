import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { DirectoryStore, type GroupView } from './directory-store.ts';
import { scimRouter } from './scim-router.ts';

export interface ScimDirectoryOptions {
  /** What callers must send as `Authorization: Bearer …`. */
  token: string;
  /** Display name → members' e-mails. Pairs allow two groups of one name, which real directories have. */
  groups: Readonly<Record<string, readonly string[]>> | readonly (readonly [string, readonly string[]])[];
  /** The e-mails of the users, which are also their SCIM user names. */
  users: readonly string[];
}

/** What may be done with a directory from outside SCIM, as its administrator would. */
export interface DirectoryControls {
  groups(): GroupView[];
  /** Called after every change of a membership, whoever made it. Returns the way to stop listening. */
  onChange(listener: () => void): () => void;
  /** Adds or removes a member. Throws for a group or user that does not exist. */
  setMember(group: string, email: string, present: boolean): void;
  addUser(email: string): void;
  /** Deactivates a user, or gives them a manager. Throws for a user that does not exist. */
  setUser(email: string, change: { active?: boolean; manager?: string }): void;
  removeUser(email: string): void;
  addGroup(name: string, members?: readonly string[]): void;
  removeGroup(name: string): void;
}

export interface ScimDirectory extends DirectoryControls {
  /** The SCIM base address: `http://127.0.0.1:<port>/scim/v2`. */
  url: string;
  stop(): Promise<void>;
}

/**
 * A SCIM 2.0 directory (RFC 7643, 7644) in memory, for the playground and the tests: users are read-only, groups take
 * PATCH and PUT of their members, with entity tags and `If-Match`. Not there: making, renaming and deleting users and
 * groups over SCIM, bulk, sorting.
 */
export async function startScimDirectory(options: ScimDirectoryOptions & { port?: number }): Promise<ScimDirectory> {
  const { app, controls } = createScimDirectory(options);
  const { port, stop } = await serve(app, options.port);
  return { ...controls, url: `http://127.0.0.1:${port}/scim/v2`, stop };
}

/** The same without a port of its own, so that something may be put in front of it. */
export function createScimDirectory(options: ScimDirectoryOptions): { app: Express; controls: DirectoryControls } {
  const store = new DirectoryStore();
  for (const email of options.users) store.addUser(email);
  const groups = Array.isArray(options.groups) ? options.groups : Object.entries(options.groups);
  for (const [name, members] of groups as [string, string[]][]) store.addGroup(name, members);

  const expected = Buffer.from(`Bearer ${options.token}`);
  const authorised = (header: string | undefined) => {
    const given = Buffer.from(header ?? '');
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false); // The router's own tags say which version of a group was read; a hash of the reply does not.
  app.use('/scim/v2', scimRouter(store, authorised));
  return {
    app,
    controls: {
      groups: () => store.groups(),
      onChange: (listener) => store.onChange(listener),
      setMember: (group, email, present) => store.setMember(group, email, present),
      addUser: (email) => store.addUser(email),
      setUser: (email, change) => store.setUser(email, change),
      removeUser: (email) => store.removeUser(email),
      addGroup: (name, members = []) => store.addGroup(name, members),
      removeGroup: (name) => store.removeGroup(name),
    },
  };
}

/** Listens on 127.0.0.1, on a free port unless one is named. `stop` ends open connections too. */
export async function serve(app: Express, port = 0): Promise<{ port: number; stop(): Promise<void> }> {
  const server: Server = app.listen(port, '127.0.0.1');
  await once(server, 'listening'); // Rejects when the port is taken.
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
