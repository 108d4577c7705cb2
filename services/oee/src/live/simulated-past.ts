/**
 * The months behind a simulated plant that is new: its newest weeks first, then the rest, a line at a time, through the log
 * like all events, and computed by the cold path (DI-1). At most one piece is being computed, so that live events are not held
 * up. When it is all computed, its first months are computed by the plant file of then, and the entries that belong to it are made. A note in the data folder says how far it is: what a
 * restart cuts off is not sent twice.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { AppendRecord, EventLog, Topics } from "@oee/event-log";
import type { ReadinessCheck } from "@oee/gateway";
import { MAX_PAST_HEADER, type Plant } from "@oee/model";
import { PlantSimulation, type Story } from "@oee/simulator";
import { GiveWay, retry, sleepTimer } from "@oee/pacing";
import type { Logger } from "pino";

const DAY_MS = 86_400_000;
/** The newest part, that is sent first. */
const FIRST_MS = 35 * DAY_MS;
const SLACK_MS = 365 * DAY_MS;
const PIECE_RECORDS = 2_000;
const POLL_MS = 250;
const AFTER_FAILURE = { firstDelayMs: 5_000, delayMsMax: 5_000 };
/** Attempts at an entry, or at presenting the review, while figures that it needs are not computed yet. */
const ATTEMPTS = 60;
/** The worker asks the log every five seconds how far it reaches. */
const LAG_KNOWN_MS = 6_000;
/** A coarser picture than live: machines are looked at less often, and speak as seldom as `staleAfter` lets them. */
const STEP_SECONDS = 5;
const COUNT_EVERY_SECONDS = 480;
const HEARTBEAT_SHARE = 0.9;
const FILE = "simulated-past.json";

/** How far it is: pieces (of a span, a line each) begun so far, the plant file of its first months, and entries made. */
interface Note {
  readonly from: number;
  readonly to: number;
  begun: number;
  restated: boolean;
  entered: boolean;
}

export interface SimulatedPastOptions {
  readonly plant: Plant;
  readonly seed: string;
  readonly story: Story | null;
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  readonly data: string;
  readonly log: EventLog;
  readonly topics: Topics;
  readonly logger: Logger;
  /** Records of the log that the worker has not read, and machines that it has yet to compute anew. */
  readonly behind: () => { readonly lag: number; readonly toRecompute: number };
  /** Computes the first months, from an instant (epoch ms) on, by the plant file of then. */
  readonly restate?: (from: number, signal: AbortSignal) => Promise<void>;
  /** Presents a review and has it signed, when the entries are there; a failure is logged and changes nothing else. */
  readonly present?: () => Promise<void>;
  /** Takes an entry in as `POST /entries` does; the status it answers, with its text. */
  readonly enter: (
    entry: Readonly<Record<string, unknown>>,
  ) => Promise<{ readonly status: number; readonly text: string }>;
  /** Called at the end, and when it is stopped: nothing more is entered. */
  readonly leave: () => Promise<void>;
}

/** How far the past is, in words and in parts. */
export type OnItsWay = Required<Pick<ReadinessCheck, "detail" | "progress">>;

const COMPUTED: OnItsWay = {
  detail: "the simulated past is being computed; the programme comes after it",
  progress: { code: "simulated-past-computing" },
};
const RESTATED: OnItsWay = {
  detail: "the first months of the simulated past are computed by the plant file of then",
  progress: { code: "simulated-past-restating" },
};

export interface SimulatedPast {
  /** How far the past is; `null` when all of it is there. */
  readonly note: () => OnItsWay | null;
  stop(): Promise<void>;
}

/** `span`: of a past that begins now; `null`: goes on with the one that was begun, if any. */
export function fillPast(
  span: { readonly from: number; readonly to: number } | null,
  options: SimulatedPastOptions,
): SimulatedPast | null {
  const file = join(options.data, FILE);
  const note: Note | null = span === null ? readNote(file) : { ...span, begun: 0, restated: false, entered: false };
  if (note === null || note.entered || note.to <= note.from) return null;
  const stopping = new AbortController();
  const filling = new Filling(note, file, options, stopping.signal);
  const running = filling
    .run()
    .finally(() => options.leave())
    .catch((error: unknown) => {
      if (!stopping.signal.aborted) options.logger.error({ err: error }, "the simulated past cannot be filled");
    });
  return {
    note: () => filling.note,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

class Filling {
  note: OnItsWay | null = COMPUTED;
  readonly #progress: Note;
  readonly #file: string;
  readonly #options: SimulatedPastOptions;
  readonly #signal: AbortSignal;

  constructor(progress: Note, file: string, options: SimulatedPastOptions, signal: AbortSignal) {
    this.#progress = progress;
    this.#file = file;
    this.#options = options;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const { plant, logger } = this.#options;
    const began = performance.now();
    const lines = [...plant.scopes.values()].filter(({ kind }) => kind === "line").map(({ path }) => path);
    const { from, to } = this.#progress;
    const middle = Math.max(from, to - FIRST_MS);
    const spans = [{ from: middle, to }, ...(middle > from ? [{ from, to: middle }] : [])];
    const pieces = spans.flatMap((part) => lines.map((line) => ({ ...part, line })));
    for (const [i, piece] of pieces.entries()) {
      if (i < this.#progress.begun) continue;
      if (this.#signal.aborted) return;
      this.#progress.begun = i + 1;
      this.#save();
      this.note = {
        detail: `the simulated past is on its way: ${i} of ${pieces.length} parts`,
        progress: { code: "simulated-past", count: i, of: pieces.length },
      };
      await this.#send(piece);
      logger.info({ ...piece, part: i + 1, of: pieces.length }, "simulated past sent");
      // Else the machines of these weeks would be computed with the older ones, and be there as late as those.
      if (i + 1 === lines.length) await this.#untilComputed();
    }
    this.note = COMPUTED;
    await this.#untilComputed();
    await this.#restate();
    await this.#enter();
    if (this.#signal.aborted) return;
    await this.#present();
    if (this.#signal.aborted) return;
    this.#progress.entered = true;
    this.#save();
    this.note = null;
    logger.info({ tookMs: Math.round(performance.now() - began) }, "the simulated past is there");
  }

  async #send(piece: { readonly from: number; readonly to: number; readonly line: string }): Promise<void> {
    const { plant, seed, story } = this.#options;
    const { from, to, line } = piece;
    const simulation = new PlantSimulation(plant, {
      seed: `${seed} past`,
      from,
      scope: line,
      stepSeconds: STEP_SECONDS,
      countEverySeconds: COUNT_EVERY_SECONDS,
      heartbeatShare: HEARTBEAT_SHARE,
      rollovers: false,
      ...(story === null ? {} : { story }),
    });
    // The clock goes on meanwhile, and faster than life with --speed.
    const headers = { [MAX_PAST_HEADER]: `${this.#progress.to - from + SLACK_MS}ms` };
    const giveWay = new GiveWay();
    let records: AppendRecord[] = [];
    // Days between which others have their turn: a line that stands still sends no event for hours.
    for (let at = from; at < to; ) {
      at = Math.min(to, at + DAY_MS / 8);
      for (const event of simulation.nextUntil(at)) {
        records.push({ key: event.machine, value: Buffer.from(JSON.stringify(event)), headers });
        if (records.length < PIECE_RECORDS) continue;
        await this.#append(records);
        records = [];
      }
      if (giveWay.due) await giveWay.now();
      if (this.#signal.aborted) return;
    }
    await this.#append(records);
  }

  async #append(records: readonly AppendRecord[]): Promise<void> {
    const { log, topics, logger, behind } = this.#options;
    if (records.length > 0) {
      const append = (): Promise<void> => log.append(topics.events.name, records);
      await this.#untilDone(append, (error) => logger.warn({ err: error }, "the simulated past waits for the log"));
    }
    while (behind().lag >= PIECE_RECORDS && !this.#signal.aborted) await this.#pause(POLL_MS / 10);
  }

  async #untilComputed(): Promise<void> {
    const { behind } = this.#options;
    await this.#pause(LAG_KNOWN_MS);
    while (!this.#signal.aborted) {
      const { lag, toRecompute } = behind();
      if (lag === 0 && toRecompute === 0) return;
      await this.#pause(POLL_MS);
    }
  }

  async #restate(): Promise<void> {
    const { restate, logger } = this.#options;
    if (restate === undefined || this.#progress.restated || this.#signal.aborted) return;
    const began = performance.now();
    this.note = RESTATED;
    await restate(this.#progress.from, this.#signal);
    if (this.#signal.aborted) return;
    this.#progress.restated = true;
    this.#save();
    logger.info({ tookMs: Math.round(performance.now() - began) }, "computed by the plant file of then");
  }

  /** Sent again after a restart they change nothing (RE-1). */
  async #enter(): Promise<void> {
    const { entries, enter, logger } = this.#options;
    for (const entry of entries) {
      const attempt = async (): Promise<void> => {
        const { status, text } = await enter(entry);
        if (status >= 300 && status !== 409) throw Object.assign(new Error(text), { status });
      };
      await this.#attempted(attempt, (error) => {
        const { message, status } = error as Error & { readonly status?: number };
        if (status === undefined) throw error;
        logger.warn({ entry: entry["id"], status, text: message }, "an entry of the simulated past was refused");
      });
    }
  }

  /** Refused while figures are still on their way, and tried again. */
  async #present(): Promise<void> {
    const { present, logger } = this.#options;
    if (present === undefined) return;
    await this.#attempted(present, (error) =>
      logger.warn({ err: error }, "the review of the simulated past is not presented"),
    );
  }

  /** Tries again every 5 s, until it is done or `ATTEMPTS` have failed; `onFailed` gets the last error, or that of a caller who may not. */
  async #attempted(attempt: () => Promise<void>, onFailed: (error: unknown) => void): Promise<void> {
    const onFailure = (error: unknown, _delayMs: number, attempts: number): void => {
      const { status } = error as { readonly status?: number };
      if (status === 401 || status === 403 || attempts === ATTEMPTS) throw error;
    };
    await this.#untilDone(attempt, onFailure).catch(onFailed);
  }

  /** Tries again every 5 s, until it is done, it ends, or `onFailure` throws. */
  async #untilDone(
    attempt: () => Promise<unknown>,
    onFailure: (error: unknown, delayMs: number, attempts: number) => void,
  ): Promise<void> {
    await retry(attempt, onFailure, this.#signal, sleepTimer, AFTER_FAILURE);
  }

  async #pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#signal }).catch(() => undefined);
  }

  #save(): void {
    try {
      writeFileSync(`${this.#file}.new`, JSON.stringify(this.#progress));
      renameSync(`${this.#file}.new`, this.#file);
    } catch (error) {
      this.#options.logger.warn({ err: error }, "how far the simulated past is cannot be kept");
    }
  }
}

function readNote(file: string): Note | null {
  try {
    const { from, to, begun, restated, entered } = JSON.parse(readFileSync(file, "utf8")) as Partial<Note>;
    const isNote = typeof from === "number" && typeof to === "number" && typeof begun === "number";
    return isNote ? { from, to, begun, restated: restated === true, entered: entered === true } : null;
  } catch {
    return null;
  }
}
