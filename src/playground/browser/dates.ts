/** Slack's date tokens and the playground's clock, drawn in the reader's time zone. Pure: the time zone and now are inputs. */

export interface DateContext {
  /** Epoch milliseconds of the virtual clock, for today, yesterday and tomorrow. */
  now: number;
  locale?: string;
  /** IANA name; absent: the machine's own. */
  timeZone?: string;
}

const make = (context: DateContext, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(context.locale ?? 'en-GB', {
    ...options,
    ...(context.timeZone === undefined ? {} : { timeZone: context.timeZone }),
  });

/** Hours and minutes, `14:05`. */
export const timeOfDay = (at: number, context: DateContext): string =>
  make(context, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);

const dayKey = (at: number, context: DateContext): string => {
  const parts = make({ ...context, locale: 'en-CA' }, { year: 'numeric', month: '2-digit', day: '2-digit' });
  return parts.format(at);
};

/** Whole calendar days from now to `at`, in the reader's time zone. */
function daysAway(at: number, context: DateContext): number {
  const day = (when: number) => Date.parse(`${dayKey(when, context)}T00:00:00Z`) / 86_400_000;
  return day(at) - day(context.now);
}

function pretty(at: number, context: DateContext, otherwise: string): string {
  const away = daysAway(at, context);
  if (away === 0) return 'today';
  if (away === -1) return 'yesterday';
  if (away === 1) return 'tomorrow';
  return otherwise;
}

function ago(at: number, context: DateContext): string {
  const seconds = Math.round((at - context.now) / 1000);
  const format = new Intl.RelativeTimeFormat(context.locale ?? 'en-GB', { numeric: 'always' });
  const size = Math.abs(seconds);
  if (size < 60) return format.format(seconds, 'second');
  if (size < 3600) return format.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return format.format(Math.round(seconds / 3600), 'hour');
  return format.format(Math.round(seconds / 86_400), 'day');
}

/** The heading over the messages of one day: `Today`, `Tuesday, 3 March`. */
export function dayHeading(at: number, context: DateContext): string {
  const long = make(context, { weekday: 'long', day: 'numeric', month: 'long' }).format(at);
  const word = pretty(at, context, long);
  return word === long ? long : word[0]?.toUpperCase() + word.slice(1);
}

/**
 * Slack's `<!date^seconds^format|fallback>`: the format with its tokens filled in, in the reader's time zone.
 * A moment that no calendar reaches gives the fallback.
 */
export function formatSlackDate(seconds: number, format: string, fallback: string, context: DateContext): string {
  const at = seconds * 1000;
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) return fallback;
  const short = () => make(context, { day: 'numeric', month: 'short', year: 'numeric' }).format(at);
  const normal = () => make(context, { day: 'numeric', month: 'long', year: 'numeric' }).format(at);
  const long = () => make(context, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(at);
  const tokens: Record<string, () => string> = {
    date_num: () => dayKey(at, context),
    date: normal,
    date_short: short,
    date_long: long,
    date_pretty: () => pretty(at, context, normal()),
    date_short_pretty: () => pretty(at, context, short()),
    date_long_pretty: () => pretty(at, context, long()),
    time: () => timeOfDay(at, context),
    time_secs: () =>
      make(context, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(at),
    ago: () => ago(at, context),
  };
  return format.replace(/\{([a-z_]+)\}/g, (whole, name: string) => tokens[name]?.() ?? whole);
}
