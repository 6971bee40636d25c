import { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';
import type { DirectoryStore, StoredGroup, StoredUser } from './directory-store.ts';

/** What a request carries to the handlers: scimmy's resources are one global set, the directories behind them are many. */
interface Context {
  store: DirectoryStore;
  equals: Equals | undefined;
}

/** A filter `attribute eq "text"`. */
interface Equals {
  attribute: string;
  text: string;
}

/** The SCIM endpoints of one directory. Any number of directories may live in one process. */
export function scimRouter(store: DirectoryStore, authorised: (header: string | undefined) => boolean): Router {
  declareResources();
  const filters = new WeakMap<Request, Equals>();
  const router = Router();
  router.use(takeEqualityFilter(filters), keepQuery, oneChangeAtATime(), entityTags(store));
  router.use(
    new SCIMMYRouters({
      type: 'bearer',
      handler: (request) => {
        if (!authorised(request.header('authorization'))) throw new Error('The bearer token is missing or wrong.');
        return 'client';
      },
      context: (request): Context => ({ store, equals: filters.get(request) }),
    }),
  );
  // The SCIM router answers a failure of its own with a 500 and then passes it on: it is answered, there is no more to do.
  const answered: ErrorRequestHandler = (error, _request, response, next) =>
    response.headersSent ? undefined : next(error);
  router.use(answered);
  return router;
}

let declared = false;

function declareResources(): void {
  if (declared) return;
  declared = true;
  SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser);
  SCIMMY.Resources.declare(SCIMMY.Resources.User, {
    egress: (resource: { id?: string; filter?: Filter }, context: Context) =>
      resource.id === undefined
        ? matching(
            context.store.users().map((user) => userResource(user, context.store)),
            resource.filter,
            context.equals,
          )
        : userResource(found(context.store.user(resource.id), 'user', resource.id), context.store),
  });
  SCIMMY.Resources.declare(SCIMMY.Resources.Group, {
    egress: (resource: { id?: string; filter?: Filter }, context: Context) =>
      resource.id === undefined
        ? matching(
            context.store.allGroups().map((group) => groupResource(group, context.store)),
            resource.filter,
            context.equals,
          )
        : groupResource(found(context.store.group(resource.id), 'group', resource.id), context.store),
    ingress: (resource: { id?: string }, instance: GroupInput, context: Context) => {
      if (resource.id === undefined) throw new SCIMMY.Types.Error(501, '', 'This directory makes no groups over SCIM.');
      const group = found(context.store.group(resource.id), 'group', resource.id);
      if (instance.displayName !== group.name) {
        throw new SCIMMY.Types.Error(400, 'mutability', 'This directory renames no groups over SCIM.');
      }
      const members = (instance.members ?? []).map(({ value }) => value);
      const stranger = members.find((id) => !context.store.user(id));
      if (stranger !== undefined)
        throw new SCIMMY.Types.Error(400, 'invalidValue', `There is no user with id ${stranger}.`);
      context.store.replaceMembers(group, members);
      return groupResource(group, context.store);
    },
  });
}

interface Filter {
  match<T>(values: T[]): T[];
}

interface GroupInput {
  displayName: string;
  members?: { value: string }[];
}

type Resource = Record<string, unknown>;

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

function userResource({ id, email, active, manager }: StoredUser, store: DirectoryStore): Resource {
  const boss = store.users().find((user) => user.email === manager);
  const groups = store.allGroups().filter(({ members }) => members.has(id));
  return {
    id,
    userName: email,
    active,
    emails: [{ value: email, primary: true }],
    groups: groups.map((group) => ({ value: group.id, display: group.name, type: 'direct' })),
    ...(boss ? { [ENTERPRISE]: { manager: { value: boss.id, displayName: boss.email } } } : {}),
  };
}

function groupResource({ id, name, members }: StoredGroup, store: DirectoryStore): Resource {
  return {
    id,
    displayName: name,
    members: [...members].map((member) => ({
      value: member,
      display: store.user(member)?.email ?? member,
      type: 'User',
    })),
  };
}

function found<T>(value: T | undefined, what: string, id: string): T {
  if (value === undefined) throw new SCIMMY.Types.Error(404, '', `There is no ${what} with id ${id}.`);
  return value;
}

function matching(resources: Resource[], filter: Filter | undefined, equals: Equals | undefined): Resource[] {
  if (equals) {
    // `userName` and `displayName` are not case-exact (RFC 7643 §8.7.1).
    const wanted = equals.text.toLowerCase();
    return resources.filter((resource) => String(resource[equals.attribute] ?? '').toLowerCase() === wanted);
  }
  return filter ? filter.match(resources) : resources;
}

const EQUALITY = /^\s*(userName|displayName)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$/i;

/**
 * Answers `attribute eq "text"` here: scimmy 1.3 reads no escape sequence in the text (RFC 7644 §3.4.2.2 says it is JSON),
 * so a name with a quote or a backslash could not be asked for, and it compares case-exactly.
 */
function takeEqualityFilter(filters: WeakMap<Request, Equals>): RequestHandler {
  return (request, _response, next) => {
    const address = new URL(request.url, 'http://directory');
    const match = EQUALITY.exec(address.searchParams.get('filter') ?? '');
    if (match?.[1] && match[2]) {
      const text = jsonText(match[2]);
      if (text !== undefined) {
        const attribute = match[1].toLowerCase() === 'username' ? 'userName' : 'displayName';
        filters.set(request, { attribute, text });
        address.searchParams.delete('filter');
        request.url = address.pathname + address.search;
      }
    }
    next();
  };
}

/**
 * Express 5 reads the query anew at each look, and the SCIM router turns page numbers into numbers in place: without this
 * they stay text, and every page is the first.
 */
const keepQuery: RequestHandler = (request, _response, next) => {
  Object.defineProperty(request, 'query', { value: { ...request.query }, writable: true, configurable: true });
  next();
};

function jsonText(literal: string): string | undefined {
  try {
    return String(JSON.parse(literal));
  } catch {
    return undefined; // Not JSON: the SCIM router will say that the filter is invalid.
  }
}

/**
 * A change is read, checked against `If-Match` and written with pauses in between, the slowest being the arrival of its
 * body: two at once would both pass the check, and one of the changes would be lost.
 */
function oneChangeAtATime(): RequestHandler {
  let last: Promise<void> = Promise.resolve();
  return (request, response, next) => {
    if (request.method === 'GET') return next();
    const before = last;
    last = new Promise((resolve) => response.once('close', () => void before.then(resolve)));
    void before.then(() => {
      if (!response.destroyed) next(); // A caller who has gone while waiting wants no change any more.
    });
  };
}

/** Entity tags for groups, and `If-Match` (RFC 7644 §3.14). */
function entityTags(store: DirectoryStore): RequestHandler {
  return (request, response, next) => {
    const group = store.group(/^\/Groups\/([^/]+)$/.exec(request.path)?.[1] ?? '');
    if (!group) return next();
    const tag = `W/"${group.version}"`;
    const condition = request.header('if-match');
    if (request.method === 'GET') response.setHeader('ETag', tag);
    if (condition === undefined || condition === '*' || condition === tag) return next();
    response.status(412).type('application/scim+json');
    response.send(new SCIMMY.Messages.Error({ status: 412, message: 'The group has changed since it was read.' }));
  };
}
