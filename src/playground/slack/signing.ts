import { createHmac } from 'node:crypto';

/** `X-Slack-Signature`: HMAC-SHA256 over version, timestamp and the exact bytes of the body. */
export const signatureOf = (secret: string, timestamp: string, body: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
