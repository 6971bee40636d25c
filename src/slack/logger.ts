import { type Logger, LogLevel } from '@slack/web-api';
import type { Log } from '../app/ports/log.ts';

/** Slack's SDKs log through ours. Their debug lines hold whole payloads (reasons among them), so they are left out. */
export function slackLogger(log: Log): Logger {
  const text = (parts: unknown[]) =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return {
    debug: () => {},
    info: () => {},
    warn: (...parts) => log.warn({ from: 'slack-sdk' }, text(parts)),
    error: (...parts) => log.error({ from: 'slack-sdk' }, text(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}
