import type { Answers, Done, Requests, State } from './wire.ts';

/** Talks to the playground's server, of the same origin. Every failure comes back as a sentence, never as an exception. */

export async function send<K extends keyof Requests>(what: K, body: Requests[K]): Promise<Answers[K] | Done> {
  try {
    const response = await fetch(`/playground/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Answers[K];
  } catch {
    return { ok: false, problem: 'The playground does not answer. Is the process still running?' };
  }
}

/** What `viewer` sees now; undefined when the server does not answer. */
export async function readState(viewer: string): Promise<State | undefined> {
  try {
    const response = await fetch(`/playground/state?as=${encodeURIComponent(viewer)}`);
    return response.ok ? ((await response.json()) as State) : undefined;
  } catch {
    return undefined;
  }
}

/** Calls back at every change of the workspace, and when the connection is lost or back. It reconnects by itself. */
export function watch(changed: () => void, connected: (yes: boolean) => void): void {
  const events = new EventSource('/playground/events');
  events.addEventListener('state', changed);
  events.addEventListener('open', () => {
    connected(true);
    changed();
  });
  events.addEventListener('error', () => connected(false));
}
