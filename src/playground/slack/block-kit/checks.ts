/** Small checks that are put together into the shape of a block; each reports in Slack's words with a JSON pointer. */

export type Surface = 'message' | 'modal' | 'home';

export interface Report {
  readonly surface: Surface;
  /** `blockIds`: of the whole surface. `actionIds`: of the block at hand; Slack lets other blocks use them again. */
  readonly blockIds: Set<string>;
  actionIds: Set<string>;
  focused: number;
  add(message: string, at: string): void;
}

export type Check = (value: unknown, at: string, report: Report) => void;

/** A field that must be there. */
export interface Required {
  required: Check;
}

export const required = (check: Check): Required => ({ required: check });

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Slack counts code points, so an emoji outside the first plane is one character. */
export const characters = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

const checkLength = (text: string, at: string, report: Report, min: number, max: number): void => {
  const length = characters(text);
  if (length > max) report.add(`must be less than ${max + 1} characters`, at);
  if (length < min) report.add(`must be more than ${min - 1} characters`, at);
};

/** Text of `min` (default 1) to `max` characters. */
export const string =
  (max: number, min = 1): Check =>
  (value, at, report) => {
    if (typeof value !== 'string') report.add('must be a string', at);
    else checkLength(value, at, report, min, max);
  };

export const matching =
  (pattern: RegExp, what: string): Check =>
  (value, at, report) => {
    if (typeof value !== 'string' || !pattern.test(value)) report.add(`must be ${what}`, at);
  };

export const oneOf =
  (...values: readonly string[]): Check =>
  (value, at, report) => {
    if (typeof value !== 'string' || !values.includes(value)) {
      report.add(`must be a valid enum value: ${values.join(', ')}`, at);
    }
  };

export const boolean: Check = (value, at, report) => {
  if (typeof value !== 'boolean') report.add('must be a boolean', at);
};

export const integer =
  (min: number, max: number): Check =>
  (value, at, report) => {
    if (!Number.isInteger(value)) report.add('must be an integer', at);
    else if ((value as number) < min || (value as number) > max) report.add(`must be from ${min} to ${max}`, at);
  };

export const list =
  (check: Check, min: number, max: number): Check =>
  (value, at, report) => {
    if (!Array.isArray(value)) return report.add('must be an array', at);
    if (value.length > max) report.add(`no more than ${max} items allowed`, at);
    if (value.length < min) report.add(`no fewer than ${min} items allowed`, at);
    for (const [index, item] of value.entries()) check(item, `${at}/${index}`, report);
  };

/** An object with these fields and no others. */
export const object =
  (fields: Record<string, Check | Required>, ...also: Check[]): Check =>
  (value, at, report) => {
    if (!isObject(value)) return report.add('must be an object', at);
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(fields, name)) report.add(`invalid additional property: ${name}`, at);
    }
    for (const [name, field] of Object.entries(fields)) {
      const check = typeof field === 'function' ? field : field.required;
      if (value[name] !== undefined) check(value[name], `${at}/${name}`, report);
      else if (typeof field !== 'function') report.add(`missing required field: ${name}`, at);
    }
    for (const check of also) check(value, at, report);
  };

/** An object whose `type` says which check it must pass. */
export const tagged =
  (types: Record<string, Check>, what: string): Check =>
  (value, at, report) => {
    if (!isObject(value)) return report.add('must be an object', at);
    if (value.type === undefined) return report.add('missing required field: type', at);
    const check = typeof value.type === 'string' && Object.hasOwn(types, value.type) ? types[value.type] : undefined;
    if (check === undefined) report.add(`unsupported ${what}: ${String(value.type)}`, `${at}/type`);
    else check(value, at, report);
  };

/** Exactly one of these fields. */
export const exactlyOne =
  (...names: readonly string[]): Check =>
  (value, at, report) => {
    if (!isObject(value)) return;
    const given = names.filter((name) => value[name] !== undefined);
    const named = names.map((name) => `\`${name}\``).join(' or ');
    if (given.length === 0) report.add(`must define either ${named}`, at);
    if (given.length > 1) report.add(`must define only one of ${named}`, at);
  };

export const onlyOn =
  (surfaces: readonly Surface[], check: Check): Check =>
  (value, at, report) => {
    if (!surfaces.includes(report.surface)) report.add(`not supported in a ${report.surface}`, at);
    check(value, at, report);
  };
