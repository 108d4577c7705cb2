/**
 * The counts of one machine, sorted by instant, in typed columns of 9 bytes a quantity: a machine that counts
 * every second holds an hour of them in 33 kB. Deltas of one instant add up; a later total of the same
 * instant and quantity takes the place of the earlier (CN-2), so arrival in log order is all that matters.
 */

/** Quantities by their number: good, scrap, rework. */
export type Quantity = 0 | 1 | 2;

const STARTUP = 4;
const TOTAL = 8;
/** The value does not fit 32 bits: what the column holds is its place in `Chunk.large`. */
const LARGE = 16;

const CHUNK_ENTRIES = 512;
const OFFSET_MAX = 2 ** 31 - 1;

interface Chunk {
  readonly base: number;
  length: number;
  /** Instant as milliseconds after `base`, and value, in turn. */
  readonly entries: Int32Array;
  readonly codes: Uint8Array;
  readonly large: number[];
}

/** Receives entries in order of time. */
export type CountVisitor = (at: number, quantity: Quantity, value: number, total: boolean, startup: boolean) => void;

/** Structured-clonable content of the columns. */
export type CountSnapshot = readonly {
  readonly base: number;
  readonly entries: Int32Array;
  readonly codes: Uint8Array;
  readonly large: readonly number[];
}[];

export class CountColumns {
  #chunks: Chunk[] = [];

  /** Adds one quantity at an instant. A delta of 0 says nothing and is left out. */
  add(at: number, quantity: Quantity, value: number, total: boolean, startup: boolean): void {
    if (!total && value === 0) return;
    const code = quantity | (startup ? STARTUP : 0) | (total ? TOTAL : 0);
    let chunk = this.#chunks[this.#chunks.length - 1];
    if (chunk === undefined || at >= lastAt(chunk)) {
      if (chunk !== undefined && total && at === lastAt(chunk) && this.#replace(at, code, value)) return;
      if (chunk === undefined || chunk.length === CHUNK_ENTRIES || at - chunk.base > OFFSET_MAX) {
        chunk = newChunk(at);
        this.#chunks.push(chunk);
      }
      write(chunk, chunk.length++, at, code, value);
      return;
    }
    if (total && this.#replace(at, code, value)) return;
    this.#insert(at, code, value);
  }

  /** Visits the entries of `[from, to)`. */
  visit(from: number, to: number, visitor: CountVisitor): void {
    for (let c = this.#chunkAt(from); c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c] as Chunk;
      const { entries, codes, base, length } = chunk;
      for (let i = c === 0 || base < from ? lowerBound(chunk, from) : 0; i < length; i++) {
        const at = base + (entries[2 * i] as number);
        if (at >= to) return;
        if (at < from) continue;
        const code = codes[i] as number;
        visitor(at, (code & 3) as Quantity, valueAt(chunk, i), (code & TOTAL) !== 0, (code & STARTUP) !== 0);
      }
    }
  }

  /** Forgets whole chunks that lie before an instant: some entries before it may stay. */
  forgetBefore(instant: number): void {
    let drop = 0;
    while (drop < this.#chunks.length && lastAt(this.#chunks[drop] as Chunk) < instant) drop++;
    if (drop > 0) this.#chunks.splice(0, drop);
  }

  /** Bytes held, about. */
  get bytes(): number {
    return this.#chunks.length * (CHUNK_ENTRIES * 9 + 400);
  }

  snapshot(): CountSnapshot {
    return this.#chunks.map(({ base, length, entries, codes, large }) => ({
      base,
      entries: entries.slice(0, 2 * length),
      codes: codes.slice(0, length),
      large: [...large],
    }));
  }

  static restore(snapshot: CountSnapshot): CountColumns {
    const columns = new CountColumns();
    columns.#chunks = snapshot.map(({ base, entries, codes, large }) => {
      const chunk: Chunk = { ...newChunk(base), length: codes.length, large: [...large] };
      chunk.entries.set(entries);
      chunk.codes.set(codes);
      return chunk;
    });
    return columns;
  }

  /** The last chunk that begins at or before an instant, else the first. */
  #chunkAt(instant: number): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (firstAt(this.#chunks[middle] as Chunk) < instant) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #replace(at: number, code: number, value: number): boolean {
    for (let c = this.#chunkAt(at); c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c] as Chunk;
      if (firstAt(chunk) > at) return false;
      for (let i = lowerBound(chunk, at); i < chunk.length; i++) {
        if (chunk.base + (chunk.entries[2 * i] as number) !== at) return false;
        if (((chunk.codes[i] as number) & ~(STARTUP | LARGE)) === (code & ~STARTUP)) {
          write(chunk, i, at, code, value);
          return true;
        }
      }
    }
    return false;
  }

  #insert(at: number, code: number, value: number): void {
    let c = this.#chunkAt(at);
    // Behind all entries of its instant, so that the order of arrival is kept within it.
    while (c + 1 < this.#chunks.length && firstAt(this.#chunks[c + 1] as Chunk) <= at) c++;
    let chunk = this.#chunks[c] as Chunk;
    if (Math.abs(at - chunk.base) > OFFSET_MAX) {
      const apart = newChunk(at);
      write(apart, apart.length++, at, code, value);
      this.#chunks.splice(at < chunk.base ? c : c + 1, 0, apart);
      return;
    }
    if (chunk.length === CHUNK_ENTRIES) {
      const upper = split(chunk);
      this.#chunks.splice(c + 1, 0, upper);
      if (at >= firstAt(upper)) chunk = upper;
    }
    const place = lowerBound(chunk, at + 1);
    chunk.entries.copyWithin(2 * place + 2, 2 * place, 2 * chunk.length);
    chunk.codes.copyWithin(place + 1, place, chunk.length);
    chunk.length++;
    write(chunk, place, at, code, value);
  }
}

function newChunk(base: number): Chunk {
  const buffer = new ArrayBuffer(CHUNK_ENTRIES * 9);
  return {
    base,
    length: 0,
    entries: new Int32Array(buffer, 0, CHUNK_ENTRIES * 2),
    codes: new Uint8Array(buffer, CHUNK_ENTRIES * 8, CHUNK_ENTRIES),
    large: [],
  };
}

function write(chunk: Chunk, i: number, at: number, code: number, value: number): void {
  chunk.entries[2 * i] = at - chunk.base;
  if (value === (value | 0)) {
    chunk.entries[2 * i + 1] = value;
    chunk.codes[i] = code;
  } else {
    chunk.entries[2 * i + 1] = chunk.large.push(value) - 1;
    chunk.codes[i] = code | LARGE;
  }
}

function valueAt(chunk: Chunk, i: number): number {
  const value = chunk.entries[2 * i + 1] as number;
  return ((chunk.codes[i] as number) & LARGE) === 0 ? value : (chunk.large[value] as number);
}

function split(chunk: Chunk): Chunk {
  const half = CHUNK_ENTRIES >> 1;
  const upper: Chunk = { ...newChunk(chunk.base), length: chunk.length - half, large: [...chunk.large] };
  upper.entries.set(chunk.entries.subarray(2 * half, 2 * chunk.length));
  upper.codes.set(chunk.codes.subarray(half, chunk.length));
  chunk.length = half;
  return upper;
}

function firstAt(chunk: Chunk): number {
  return chunk.base + (chunk.entries[0] as number);
}

function lastAt(chunk: Chunk): number {
  return chunk.base + (chunk.entries[2 * chunk.length - 2] as number);
}

/** The first entry at or after an instant. */
function lowerBound(chunk: Chunk, instant: number): number {
  const offset = instant - chunk.base;
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chunk.entries[2 * middle] as number) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
