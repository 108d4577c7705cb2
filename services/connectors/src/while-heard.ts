/** Bounds work on a connection: it is aborted when its source is closed, or when the other side was silent for too long. */

/**
 * Calls `work` with a signal that is aborted with `ended`, or when `heard` was not called for `silentMs`. When it is done
 * nothing of it is kept: with `AbortSignal.any`, `ended` would keep every signal that was listened to.
 */
export async function whileHeard<T>(
  ended: AbortSignal,
  silentMs: number,
  work: (signal: AbortSignal, heard: () => void) => Promise<T>,
): Promise<T> {
  ended.throwIfAborted();
  const stopped = new AbortController();
  const stop = (): void => stopped.abort(ended.reason);
  ended.addEventListener("abort", stop);
  const silence = setTimeout(() => stopped.abort(new Error(`silent for ${silentMs} ms`)), silentMs);
  try {
    return await work(stopped.signal, () => void silence.refresh());
  } finally {
    clearTimeout(silence);
    ended.removeEventListener("abort", stop);
  }
}
