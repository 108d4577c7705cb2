/** A command that runs until it is told to end: signals end it in order, within a bound of time. */
import { writeSync } from "node:fs";
import { Option } from "commander";
import { durationOption } from "../option-values.ts";

/** What stops containers waits ten seconds at least before it kills. */
const END_WITHIN_MS = 10_000;
/** Where the whole end takes too long, the message names the parts that took at least so long. */
const SLOW_PART_MS = 500;

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

/** A part of a process that is ended: what it is, as people are told where it takes too long, and how it ends. */
export type Ending = readonly [what: string, end: () => unknown];

/**
 * The end of a process in order. Made when the process begins, so that a signal while it starts does not kill it: it ends
 * once it has started. A second signal breaks the end off, and so does the bound of time, which counts from the first.
 */
export class OrderlyEnd {
  /** Resolves when the process is asked to end. */
  readonly asked: Promise<void>;
  readonly #withinMs: number;
  readonly #took: string[] = [];
  #ending = "the start";
  #late: NodeJS.Timeout | null = null;

  constructor(withinMs: number = END_WITHIN_MS) {
    this.#withinMs = withinMs;
    this.asked = new Promise((resolve) => {
      let asked = false;
      const ask = (): void => {
        if (asked) breakOff("asked twice to end");
        asked = true;
        this.#begin();
        resolve();
      };
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, ask);
    });
  }

  /** Ends one part after the other, in this order. */
  async inOrder(parts: readonly Ending[]): Promise<void> {
    this.#begin();
    for (const [what, end] of parts) {
      this.#ending = what;
      const beganAt = performance.now();
      try {
        await end();
      } catch (error) {
        process.stderr.write(`oee: while ending ${what}: ${error instanceof Error ? error.message : String(error)}\n`);
      }
      const tookMs = Math.round(performance.now() - beganAt);
      if (tookMs >= SLOW_PART_MS) this.#took.push(`${what} ${tookMs} ms`);
    }
    if (this.#late !== null) clearTimeout(this.#late);
  }

  #begin(): void {
    this.#late ??= setTimeout(() => {
      const before = this.#took.length === 0 ? "" : ` (before it: ${this.#took.join(", ")})`;
      breakOff(`ending took too long, at ${this.#ending}${before}`);
    }, this.#withinMs);
  }
}

function breakOff(why: string): void {
  killSelf(`${why}; what was not stored is read from the log again`);
}

/** Ends a process whose memory cannot be relied on. What was accepted is in the log. */
export function endAtOnce(error: { readonly code: string; readonly message: string }): void {
  killSelf(`${error.code}: ${error.message}`);
}

/**
 * Ends the process now, and with nothing done in it that could crash or hang: `process.exit` frees what threads of the
 * embedded ClickHouse and of LMDB still use.
 */
function killSelf(why: string): void {
  writeSync(2, `oee: ${why}\n`);
  process.kill(process.pid, "SIGKILL");
  // The first process of a container is not killed by itself.
  process.abort();
}
