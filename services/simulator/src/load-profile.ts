/**
 * The load profile for benchmarks: a plant of any size and its events in order of time, as cheap as can be.
 * Every machine sends a count and a state at fixed intervals, spread evenly over them; nothing is random.
 * Lines are copied together from prepared bytes: more than a million a second, without garbage.
 */

export interface LoadOptions {
  readonly machines: number;
  /** How many events (lines) in all. */
  readonly events: number;
  /** First instant (epoch ms, 13 digits). */
  readonly from: number;
  /** Default 60; a multiple of `countEverySeconds`. */
  readonly stateEverySeconds?: number;
  /** Default 5. */
  readonly countEverySeconds?: number;
}

const MACHINES_PER_LINE = 10;
const LINES_PER_AREA = 10;
const CHUNK_BYTES = 1 << 18;
/** The most bytes that a line has. */
const LINE_BYTES_MAX = 256;
const STATES = ["running", "running", "running", "idle", "running", "running", "running", "running", "down", "running"];

/** The id of a machine of the load plant. */
export function loadMachineId(index: number): string {
  const line = Math.floor(index / MACHINES_PER_LINE);
  const area = Math.floor(line / LINES_PER_AREA);
  return `load/a${area}/l${line % LINES_PER_AREA}/m${index % MACHINES_PER_LINE}`;
}

/** A plant file of that many machines: areas of ten lines of ten machines, scheduled always. */
export function loadPlantYaml(machines: number): string {
  checkWhole("machines", machines, 1);
  const rows = ["enterprise: load", "timezone: UTC", "sites:", "  load:", "    areas:"];
  for (let index = 0; index < machines; index++) {
    const line = Math.floor(index / MACHINES_PER_LINE);
    if (index % (MACHINES_PER_LINE * LINES_PER_AREA) === 0) {
      rows.push(`      a${Math.floor(line / LINES_PER_AREA)}:`, "        lines:");
    }
    if (index % MACHINES_PER_LINE === 0) rows.push(`          l${line % LINES_PER_AREA}:`, "            machines:");
    rows.push(`              m${index % MACHINES_PER_LINE}: { idealCycleSeconds: 1 }`);
  }
  return `${rows.join("\n")}\n`;
}

/**
 * The events as NDJSON in chunks of whole lines, about 256 KiB each. The caller may keep a chunk: it is not written to again.
 * Throws `RangeError` where an option is out of range.
 */
export function* loadEvents(options: LoadOptions): Generator<Buffer, void, undefined> {
  const { machines, events, from } = options;
  const countEveryMs = (options.countEverySeconds ?? 5) * 1000;
  const countsPerState = (options.stateEverySeconds ?? 60) / (options.countEverySeconds ?? 5);
  checkWhole("machines", machines, 1);
  checkWhole("events", events, 0);
  checkWhole("from", from, 1e12);
  checkWhole("countEverySeconds × 1000", countEveryMs, 1);
  checkWhole("stateEverySeconds / countEverySeconds", countsPerState, 1);
  const heads = Array.from({ length: machines }, (_, index) => ({
    count: Buffer.from(`{"type":"count","machine":"${loadMachineId(index)}","at":`),
    state: Buffer.from(`{"type":"state","machine":"${loadMachineId(index)}","at":`),
  }));
  const countTails = [3, 4, 5].map((good) => Buffer.from(`,"good":${good},"scrap":0}\n`));
  const scrapTail = Buffer.from(`,"good":4,"scrap":1}\n`);
  const stateTails = STATES.map((state) => Buffer.from(`,"state":"${state}"}\n`));

  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let length = 0;
  let left = events;
  for (let round = 0; left > 0; round++) {
    for (let index = 0; index < machines && left > 0; index++) {
      const at = from + round * countEveryMs + Math.floor((index * countEveryMs) / machines);
      const head = one(heads, index);
      if ((round + index) % countsPerState === 0 || round === 0) {
        const turn = (Math.floor((round + index) / countsPerState) + index * 7) % STATES.length;
        length = writeLine(chunk, length, head.state, at, one(stateTails, turn));
        left--;
      }
      if (left > 0) {
        const tail = (round + index * 13) % 97 === 0 ? scrapTail : one(countTails, (round + index) % 3);
        length = writeLine(chunk, length, head.count, at, tail);
        left--;
      }
      if (length > CHUNK_BYTES - 2 * LINE_BYTES_MAX) {
        yield chunk.subarray(0, length);
        chunk = Buffer.allocUnsafe(CHUNK_BYTES);
        length = 0;
      }
    }
  }
  if (length > 0) yield chunk.subarray(0, length);
}

function writeLine(chunk: Buffer, start: number, head: Buffer, at: number, tail: Buffer): number {
  chunk.set(head, start);
  const digits = start + head.length;
  // Halves of six and seven digits are small integers of V8, which divide faster than 13 digits do.
  const high = Math.floor(at / 1e6);
  writeDigits(chunk, digits, high, 7);
  writeDigits(chunk, digits + 7, at - high * 1e6, 6);
  chunk.set(tail, digits + 13);
  return digits + 13 + tail.length;
}

function writeDigits(chunk: Buffer, start: number, value: number, count: number): void {
  let left = value;
  for (let place = start + count - 1; place >= start; place--) {
    const tens = (left / 10) | 0;
    chunk[place] = 48 + left - tens * 10;
    left = tens;
  }
}

function one<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}

function checkWhole(name: string, value: number, min: number): void {
  if (!Number.isSafeInteger(value) || value < min) {
    throw new RangeError(`${name} is ${value}; expected a whole number from ${min}`);
  }
}
