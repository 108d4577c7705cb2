/**
 * Events of an import on their way, in the order of the files (TL-1), while the next ones are read: one piece under way,
 * one that fills. Reading waits for `room`, so that a file of any size takes no more memory than the two; what comes slowly,
 * as from a pipe, does not wait for more.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { AppendRecord } from "@oee/event-log";
import { Failure, UsageError } from "./failure.ts";

/** Where they go. */
export interface SendingTarget {
  /** Resolves when they are safe in the log, with how many of them it refused. Throws `Failure`. */
  send(records: readonly AppendRecord[]): Promise<{ readonly refused: number }>;
}

/** A piece is on its way once it is as large as this, and grows no further than by what one step of reading gives. */
const PIECE_BYTES = 1 << 20;
/** A smaller one waits no longer than this, which keeps what comes slowly below a gateway's limit of requests. */
const LINGER_MS = 200;
/** A request, or a write to the log, has no more than this. */
const BATCH_RECORDS_MAX = 5_000;
const BATCH_BYTES_MAX = 4 << 20;

export class EventSending {
  readonly #target: SendingTarget;
  #waiting: AppendRecord[] = [];
  #waitingBytes = 0;
  #underway: Promise<void> | null = null;
  #failed = false;
  #lingering: NodeJS.Timeout | null = null;
  /** How many the target took, and how many it refused. */
  accepted = 0;
  refused = 0;

  constructor(target: SendingTarget) {
    this.#target = target;
  }

  take(machine: string, value: Buffer): void {
    this.#waiting.push({ key: machine, value });
    this.#waitingBytes += value.length;
  }

  /** Call it between steps of reading. Throws what the target throws. */
  async room(): Promise<void> {
    this.#go();
    while (this.#failed || this.#waitingBytes >= PIECE_BYTES) await this.#underway;
  }

  /** Resolves when all is safe in the log. */
  async end(): Promise<void> {
    do {
      this.#begin();
      await this.#underway;
    } while (this.#underway !== null || this.#waiting.length > 0);
  }

  /** Sends what waits if it is enough, else in a while. */
  #go(): void {
    if (this.#waitingBytes >= PIECE_BYTES) this.#begin();
    else if (this.#waiting.length > 0) this.#lingering ??= setTimeout(() => this.#begin(), LINGER_MS);
  }

  /** What waits goes on its way, unless something is, or failed to be. */
  #begin(): void {
    if (this.#lingering !== null) clearTimeout(this.#lingering);
    this.#lingering = null;
    if (this.#underway !== null || this.#waiting.length === 0) return;
    const piece = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#underway = this.#send(piece).then(() => {
      this.#underway = null;
      this.#go();
    });
    // Whoever waits for room, or for the end, is told.
    this.#underway.catch(() => {
      this.#failed = true;
    });
  }

  async #send(piece: readonly AppendRecord[]): Promise<void> {
    for (let from = 0; from < piece.length; ) {
      let to = from;
      for (let bytes = 0; to < piece.length && to - from < BATCH_RECORDS_MAX; to++) {
        bytes += piece[to]?.value?.length ?? 0;
        if (to > from && bytes > BATCH_BYTES_MAX) break;
      }
      const { refused } = await this.#target.send(piece.slice(from, to));
      this.refused += refused;
      this.accepted += to - from - refused;
      from = to;
    }
  }
}

/** A gateway that says "later" is asked again for as long as this without having taken anything. */
const PATIENCE_MS = 300_000;
const WAIT_DEFAULT_SECONDS = 1;

/** A running gateway, by `POST /api/v1/events`; `maxPastMs` is how far back the events may lie. Throws `UsageError`. */
export function gatewayTarget(url: string, maxPastMs: number): SendingTarget {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new UsageError(`--url: found ${JSON.stringify(url)}, expected an address such as http://127.0.0.1:8080`);
  }
  const address = new URL(`/api/v1/events?maxPast=${maxPastMs}ms`, url);
  const post = async (body: string): Promise<Response> => {
    const headers = { "content-type": "application/x-ndjson" };
    try {
      return await fetch(address, { method: "POST", headers, body });
    } catch (error) {
      const { cause } = error as { cause?: unknown };
      const why = cause instanceof Error ? cause.message : String(error);
      throw new Failure(`${address.href} cannot be reached: ${why}`, { cause: error });
    }
  };
  return {
    async send(records) {
      const body = records.map(({ value }) => Buffer.from(value ?? []).toString("utf8")).join("\n");
      const giveUpAt = performance.now() + PATIENCE_MS;
      for (;;) {
        const response = await post(body);
        const text = await response.text();
        if (response.status === 202) return { refused: (JSON.parse(text) as { refused: number }).refused };
        const busy = response.status === 429 || response.status === 503;
        if (!busy || performance.now() > giveUpAt) {
          throw new Failure(`${address.href} answered ${response.status}: ${text.slice(0, 1_000)}`);
        }
        const seconds = Number(response.headers.get("retry-after") ?? WAIT_DEFAULT_SECONDS);
        await pause(Number.isFinite(seconds) ? seconds * 1000 : WAIT_DEFAULT_SECONDS * 1000);
      }
    },
  };
}
