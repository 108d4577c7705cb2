/** A command that runs until it is told to end: signals end it in order, within a bound of time. */
import { writeSync } from "node:fs";
import { Option } from "commander";
import { durationOption } from "../option-values.ts";

/** What stops containers waits ten seconds at least before it kills. */
const END_WITHIN_MS = 10_000;
/** A part that took at least so long is told where the whole takes too long. */
const TOLD_FROM_MS = 500;

export interface EndSettings {
  /** ms once parsed. */
  readonly endWithin: number;
}

export function endWithinOption(): Option {
  return new Option("--end-within <duration>", "an end that takes longer is broken off")
    .env("OEE_END_WITHIN")
    .argParser(durationOption)
    .default(END_WITHIN_MS, "10s");
}

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

/** A part of a process that is ended: what it is, as people are told where it takes too long, and how it ends. */
export type Ending = readonly [what: string, end: () => unknown];

/** Ends one part after the other; what takes longer than `withinMs` is left behind, since a log can be read again. */
export async function endInOrder(parts: readonly Ending[], withinMs: number = END_WITHIN_MS): Promise<void> {
  const took: string[] = [];
  let ending = "";
  const late = setTimeout(() => {
    const before = took.length === 0 ? "" : ` (before it: ${took.join(", ")})`;
    process.stderr.write(
      `oee: ending took too long, at ${ending}${before}; what was not stored is read from the log again\n`,
    );
    process.exit(1);
  }, withinMs);
  for (const [what, end] of parts) {
    ending = what;
    const beganAt = performance.now();
    try {
      await end();
    } catch (error) {
      process.stderr.write(`oee: while ending ${what}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
    const tookMs = Math.round(performance.now() - beganAt);
    if (tookMs >= TOLD_FROM_MS) took.push(`${what} ${tookMs} ms`);
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
