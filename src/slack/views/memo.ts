/**
 * Reads what a modal carried. NB. it came back through a browser: it says only where to answer and which request was
 * meant, and both are checked where they are used.
 */
export function readMemo(text: string): { channel?: string; requestId?: string; verdict?: string } {
  try {
    const memo: unknown = JSON.parse(text);
    if (typeof memo !== 'object' || memo === null) return {};
    const { channel, requestId, verdict } = memo as Record<string, unknown>;
    return {
      ...(typeof channel === 'string' ? { channel } : {}),
      ...(typeof requestId === 'string' ? { requestId } : {}),
      ...(typeof verdict === 'string' ? { verdict } : {}),
    };
  } catch {
    return {};
  }
}
