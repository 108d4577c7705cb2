/** A command that runs until it is told to end: signals end it in order, within a bound of time. */
import { writeSync } from "node:fs";

const END_WITHIN_MS = 10_000;

/** Resolves when the process is asked to end; a second signal ends it at once. */
export function untilAsked(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const ask = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(1);
      asked = true;
      resolve(signal);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => ask(signal));
  });
}

/** Does the steps one after the other; what takes too long is left behind, since a log can be read again. */
export async function endInOrder(steps: readonly (() => Promise<void> | void)[]): Promise<void> {
  const late = setTimeout(() => {
    process.stderr.write("oee: ending took too long; what was not stored is read from the log again\n");
    process.exit(1);
  }, END_WITHIN_MS);
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      process.stderr.write(`oee: while ending: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  clearTimeout(late);
}

/**
 * Ends a process whose memory cannot be relied on: now, and with nothing done in it that could crash or hang. What was
 * accepted is in the log.
 */
export function endAtOnce(error: { readonly code: string; readonly message: string }): void {
  writeSync(2, `oee: ${error.code}: ${error.message}\n`);
  process.kill(process.pid, "SIGKILL");
  // The first process of a container is not killed by itself.
  process.abort();
}
