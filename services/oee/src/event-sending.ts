/**
 * Sends the events of an import in pieces, in the order of the files (TL-1). While one piece is being sent the next one fills;
 * when both are full, reading waits for `room`, so that no more than two pieces are in memory. A piece that fills slowly, as
 * from a pipe, is sent before it is full.
 */
import type { AppendRecord } from "@oee/event-log";
import { type Answered, askUntilTaken, retryForEver, sleepTimer, whyUnreachable } from "@oee/pacing";
import { Failure, UsageError } from "./failure.ts";

/** Where they go. */
export interface SendingTarget {
  /** Resolves when they are safe in the log, with how many of them it refused. Throws `Failure`. */
  send(records: readonly AppendRecord[]): Promise<{ readonly refused: number }>;
}

/** A piece is sent once it has this many bytes; it is longer by at most what one step of reading gives. */
const PIECE_BYTES = 1 << 20;
/** A smaller one waits no longer than this, which keeps what comes slowly below a gateway's limit of requests. */
const LINGER_MS = 200;
/** A request, or a write to the log, has no more than this. */
const BATCH_RECORDS_MAX = 5_000;
const BATCH_BYTES_MAX = 4 << 20;
/**
 * And no more events with an id of one machine than this: sent again after an answer that was lost, they are known as
 * repeats (the last 256 ids of a machine are remembered, CN-4), also where others send some in between.
 */
const BATCH_IDS_MAX = 200;

interface Waiting {
  readonly key: string;
  readonly value: Buffer;
  readonly hasId: boolean;
}

export class EventSending {
  readonly #target: SendingTarget;
  #waiting: Waiting[] = [];
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

  /** `hasId`: repeats of the event are known by its id (CN-4). */
  take(machine: string, value: Buffer, hasId = false): void {
    this.#waiting.push({ key: machine, value, hasId });
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

  /** Sends the piece that waits, unless one is being sent, or sending has failed. */
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
    // The error is thrown by the `room` or `end` that is waited for.
    this.#underway.catch(() => {
      this.#failed = true;
    });
  }

  async #send(piece: readonly Waiting[]): Promise<void> {
    for (let from = 0; from < piece.length; ) {
      const to = endOfBatch(piece, from);
      const records = piece.slice(from, to).map(({ key, value }) => ({ key, value }));
      const { refused } = await this.#target.send(records);
      this.refused += refused;
      this.accepted += to - from - refused;
      from = to;
    }
  }
}

/** The place after the last event of the batch that begins at `from`. */
function endOfBatch(piece: readonly Waiting[], from: number): number {
  const end = Math.min(piece.length, from + BATCH_RECORDS_MAX);
  const ids = new Map<string, number>();
  let bytes = 0;
  for (let at = from; at < end; at++) {
    const { key, value, hasId } = piece[at] as Waiting;
    bytes += value.length;
    if (at > from && bytes > BATCH_BYTES_MAX) return at;
    if (!hasId) continue;
    const known = ids.get(key) ?? 0;
    if (known === BATCH_IDS_MAX) return at;
    ids.set(key, known + 1);
  }
  return end;
}

/** A gateway that says "later", or does not answer any more, is asked again for as long as this without having taken anything. */
const PATIENCE_MS = 300_000;
const BACKOFF = { firstDelayMs: 200, delayMsMax: 10_000 };
/** Too many requests; and what a gateway, or a proxy before one that starts again, answers meanwhile. */
const LATER: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export interface GatewayTargetOptions {
  /** How far back the events may lie. */
  readonly maxPastMs: number;
  readonly patienceMs?: number;
  /** For a gateway at which people sign in. */
  readonly token?: string;
  /** Takes a line for the person who waits. */
  readonly tell: (line: string) => void;
}

/**
 * A running gateway, by `POST /api/v1/events`. One that answered before and cannot be reached now is waited for, and sent the
 * same request again; events of it that it had taken already are told apart by their ids (CN-4). Throws `UsageError`.
 */
export function gatewayTarget(url: string, options: GatewayTargetOptions): SendingTarget {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new UsageError(`--url: found ${JSON.stringify(url)}, expected an address such as http://127.0.0.1:8080`);
  }
  const { maxPastMs, patienceMs = PATIENCE_MS, token, tell } = options;
  const address = new URL(`/api/v1/events?maxPast=${maxPastMs}ms`, url);
  // An address that never answered is more likely mistyped than starting again.
  let answered = false;
  let waiting = false;
  const headers = {
    "content-type": "application/x-ndjson",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  /** Throws `Failure` where it cannot be reached. */
  const post = async (body: string, patience: AbortSignal): Promise<Answered> => {
    const ask = async (): Promise<Response> => {
      const response = await fetch(address, { method: "POST", headers, body });
      answered = true;
      return response;
    };
    try {
      return await askUntilTaken(ask, LATER, patience);
    } catch (error) {
      throw new Failure(`${address.href} cannot be reached: ${whyUnreachable(error)}`, { cause: error });
    }
  };
  return {
    async send(records) {
      const body = records.map(({ value }) => Buffer.from(value ?? []).toString("utf8")).join("\n");
      const patience = AbortSignal.timeout(patienceMs);
      const onFailure = (error: unknown): void => {
        if (!answered || patience.aborted || !(error instanceof Failure)) throw error;
        if (!waiting) tell(`${error.message}; trying again for up to ${patienceMs / 1000} s`);
        waiting = true;
      };
      const { status, text } = await retryForEver(() => post(body, patience), onFailure, sleepTimer, BACKOFF);
      if (waiting && !LATER.has(status)) {
        tell(`${address.href} answers again`);
        waiting = false;
      }
      if (status === 202) return { refused: (JSON.parse(text) as { refused: number }).refused };
      throw new Failure(`${address.href} answered ${status}: ${text.slice(0, 1_000)}`);
    },
  };
}
