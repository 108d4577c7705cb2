/** Work that is never done, as reading a peer over every loss of its connection, runs again after a pause until it is ended. */
import { type Sleep, sleepTimer } from "./retry.ts";

/**
 * Runs `round`, pauses `pauseMs`, and so on; resolves when the signal is aborted and the round in hand has ended. What a
 * round throws is told to `onFailure`, unless the signal was aborted meanwhile.
 */
export async function repeat(
  round: () => Promise<void>,
  pauseMs: number,
  onFailure: (error: unknown) => Promise<void> | void,
  signal: AbortSignal,
  sleep: Sleep = sleepTimer,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await round();
    } catch (error) {
      if (!signal.aborted) await onFailure(error);
    }
    await sleep(pauseMs, signal);
  }
}
