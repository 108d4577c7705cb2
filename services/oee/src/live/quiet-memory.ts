/**
 * Gives memory back once a burst is over. V8 looks for garbage when its heap grows, not because time passes
 * (`--no-memory-reducer`): while little happens, the garbage of a burst would stay, and with it its half-empty pages.
 * So the heap is marked and swept when the process has little to do again and the old part of its heap has grown since the
 * last time. V8 does it in steps of a few milliseconds, between which the event loop goes on.
 */
import { getHeapSpaceStatistics } from "node:v8";
import { MessageChannel } from "node:worker_threads";

const LOOK_EVERY_MS = 10_000;
/** Of a core, by all threads of the process: with more to do than this it is no quiet moment. */
const QUIET_SHARE = 0.3;
const REST_MS = 60_000;
/** The heap has grown when it has so many bytes more than after the last time; without a burst it must have grown by half besides. */
const GROWN_BYTES = 16 * 1024 * 1024;
const GROWN_FACTOR = 1.5;
/** Pages that the first collection leaves half-empty are emptied by the next one. */
const TIMES_MAX = 3;
/** Another collection follows one that gave back at least this share. */
const WORTHWHILE = 0.1;
/** V8 begins to mark its heap for 64 MiB more outside of it. */
const NUDGE_BYTES = 96 * 1024 * 1024;

/** What a look at the process needs to know. */
export interface QuietSources {
  /** Bytes of the heap's pages, those of young objects aside. */
  readonly heapBytes: () => number;
  /** Processor time of the process (ms). */
  readonly cpuMs: () => number;
  /** Monotonic time (ms). */
  readonly elapsed: () => number;
  /** Has the heap collected, without waiting for it. */
  readonly collect: () => void;
}

export class QuietMemory {
  static readonly ofThisProcess: QuietSources = {
    heapBytes: () =>
      getHeapSpaceStatistics().reduce((sum, of) => sum + (of.space_name.startsWith("new_") ? 0 : of.space_size), 0),
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },
    elapsed: () => performance.now(),
    collect: beginMarking,
  };
  readonly #sources: QuietSources;
  #lookedAt: number;
  #cpuMs: number;
  #restUntil = -Infinity;
  /** Whether there was much to do since the last round of collections. */
  #wasBusy = false;
  /** The heap after that round. */
  #floor = 0;
  /** The heap before the last collection of this round, and how many there were; `null`: no round is under way. */
  #round: { readonly before: number; readonly times: number } | null = null;

  constructor(sources: QuietSources = QuietMemory.ofThisProcess) {
    this.#sources = sources;
    this.#lookedAt = sources.elapsed();
    this.#cpuMs = sources.cpuMs();
  }

  /** Looks from time to time for as long as the process runs, without keeping it alive. */
  start(): void {
    setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  look(): void {
    const now = this.#sources.elapsed();
    const cpuMs = this.#sources.cpuMs();
    const isQuiet = cpuMs - this.#cpuMs < QUIET_SHARE * (now - this.#lookedAt);
    this.#lookedAt = now;
    this.#cpuMs = cpuMs;
    const heap = this.#sources.heapBytes();
    const round = this.#round;
    if (round !== null && (round.times >= TIMES_MAX || heap > (1 - WORTHWHILE) * round.before)) {
      this.#round = null;
      this.#floor = heap;
      this.#restUntil = now + REST_MS;
      return;
    }
    if (!isQuiet) {
      this.#wasBusy = true;
      return;
    }
    const grownTo = (this.#wasBusy ? 1 : GROWN_FACTOR) * this.#floor + GROWN_BYTES;
    if (round === null && (now < this.#restUntil || heap < grownTo)) return;
    this.#wasBusy = false;
    this.#round = { before: heap, times: (round?.times ?? 0) + 1 };
    this.#sources.collect();
  }
}

/**
 * Has V8 begin to mark, by memory outside of its heap. That memory is never touched, so it takes none of the machine, and
 * it is freed at once: a port that is closed takes it and drops it.
 */
function beginMarking(): void {
  const { port1 } = new MessageChannel();
  port1.close();
  try {
    const untouched = new ArrayBuffer(NUDGE_BYTES);
    port1.postMessage(untouched, [untouched]);
  } catch {
    // A machine that promises no memory beyond what it has: the heap stays as it is.
  }
}
