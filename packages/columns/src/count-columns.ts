/**
 * The counts of one machine, sorted by instant, in typed columns of 5 bytes a quantity up to ±127: a machine that counts
 * every second holds an hour of them in 20 kB. Deltas of one instant add up; a later total of the same
 * instant and quantity replaces the earlier (CN-2), so counts need only be added in log order. The product that counts
 * name (CN-9) is kept once a chunk, and is a column of its own only where entries of a chunk name different ones.
 */

/** Quantities by their number: good, scrap, rework, and produced, of which there are totals alone (CN-7). */
export type Quantity = 0 | 1 | 2 | 3;

export const SCRAP_QUANTITY = 1;
export const PRODUCED_QUANTITY = 3;

/** A code is a quantity with these flags; it takes the lowest bits of an entry, the instant all others. */
export const QUANTITY = 3;
export const STARTUP = 4;
export const TOTAL = 8;
const CODE = 15;
export const CODE_BITS = 4;

const FIRST_ENTRIES = 32;
const CHUNK_ENTRIES = 512;
const OFFSET_MAX = 2 ** (31 - CODE_BITS) - 1;

/** As narrow as the values of a chunk allow. */
type Values = Int8Array | Int32Array | Float64Array;

interface Chunk {
  readonly base: number;
  length: number;
  /** Milliseconds after `base`, and code. */
  entries: Int32Array;
  values: Values;
  /** The product that all entries name; `null`: they name none, or different ones. */
  product: string | null;
  /** The product that each entry names, if it does, where they differ; else `null`. */
  names: (string | null)[] | null;
}

/** Entries of one chunk, in order of time: those of `[first, end)`. */
export interface CountSlice extends Readonly<Omit<Chunk, "length">> {
  readonly first: number;
  readonly end: number;
}

/** Structured-clonable content of the columns. */
export type CountSnapshot = readonly {
  readonly base: number;
  readonly entries: Int32Array;
  readonly values: Values;
  /** Also where all entries name one product; `null`: none names any. */
  readonly names: readonly (string | null)[] | null;
}[];

const NO_CHUNK: Chunk = {
  base: 0,
  length: 0,
  entries: new Int32Array(0),
  values: new Int8Array(0),
  product: null,
  names: null,
};

export class CountColumns {
  #chunks: Chunk[] = [];
  /** The last of them; one without room while there is none. */
  #newest: Chunk = NO_CHUNK;

  /** Adds one quantity at an instant, of the product that it names. A delta of 0 is left out, because it changes no sum. */
  add(at: number, quantity: Quantity, value: number, total: boolean, startup: boolean, product: string | null): void {
    // Nearly all: a quantity that comes in order, and replaces none, into a chunk that has room for it. Small enough to be
    // made part of the caller.
    const chunk = this.#newest;
    const offset = at - chunk.base;
    const { length, entries, values } = chunk;
    const last = length > 0 ? (entries[length - 1] as number) >> CODE_BITS : OFFSET_MAX + 1;
    const isNew = total ? offset > last : offset >= last && value !== 0;
    if (isNew && length < entries.length && offset <= OFFSET_MAX) {
      values[length] = value;
      if (values[length] === value && product === chunk.product && chunk.names === null) {
        entries[length] = (offset << CODE_BITS) | quantity | (startup ? STARTUP : 0) | (total ? TOTAL : 0);
        chunk.length = length + 1;
        return;
      }
    }
    this.#add(at, quantity, value, total, startup, product);
    this.#noteNewest();
  }

  #add(at: number, quantity: Quantity, value: number, total: boolean, startup: boolean, product: string | null): void {
    if (!total && value === 0) return;
    const code = quantity | (startup ? STARTUP : 0) | (total ? TOTAL : 0);
    let chunk = this.#chunks[this.#chunks.length - 1];
    if (chunk === undefined || at >= lastAt(chunk)) {
      if (chunk !== undefined && total && at === lastAt(chunk) && this.#replaceLast(at, code, value, product)) return;
      if (chunk === undefined || chunk.length === CHUNK_ENTRIES || at - chunk.base > OFFSET_MAX) {
        // A machine that counts rarely never needs more than the first entries; one that filled a chunk will the next.
        chunk = newChunk(at, chunk?.length === CHUNK_ENTRIES ? CHUNK_ENTRIES : FIRST_ENTRIES);
        this.#chunks.push(chunk);
      }
      write(chunk, chunk.length, at, code, value, product);
      return;
    }
    if (total && this.#replace(at, code, value, product)) return;
    this.#insert(at, code, value, product);
  }

  /** The entries of `[from, to)`. */
  slices(from: number, to: number): readonly CountSlice[] {
    const slices: CountSlice[] = [];
    for (let c = this.#chunkAt(from); c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c] as Chunk;
      if (firstAt(chunk) >= to) break;
      const first = firstAt(chunk) < from ? lowerBound(chunk, from) : 0;
      const end = lastAt(chunk) >= to ? lowerBound(chunk, to) : chunk.length;
      const { base, entries, values, product, names } = chunk;
      if (first < end) slices.push({ base, entries, values, product, names, first, end });
    }
    return slices;
  }

  /** Forgets whole chunks that lie before an instant: some entries before it may stay. */
  forgetBefore(instant: number): void {
    let drop = 0;
    while (drop < this.#chunks.length && lastAt(this.#chunks[drop] as Chunk) < instant) drop++;
    if (drop > 0) this.#chunks.splice(0, drop);
    this.#noteNewest();
  }

  snapshot(): CountSnapshot {
    return this.#chunks.map((chunk) => {
      const { base, length, entries, values } = chunk;
      return { base, entries: entries.slice(0, length), values: values.slice(0, length), names: namesOf(chunk) };
    });
  }

  /** `change` is applied to every value, as where the machine's decimals were changed (CN-5); `null`: values stay as they are. */
  static restore(snapshot: CountSnapshot, change: ((value: number) => number) | null = null): CountColumns {
    const columns = new CountColumns();
    columns.#chunks = snapshot.map(({ base, entries, values, names }) => ({
      base,
      length: entries.length,
      entries: entries.slice(),
      values: change === null ? values.slice() : Float64Array.from(values, change),
      ...productsOf(names),
    }));
    columns.#noteNewest();
    return columns;
  }

  #noteNewest(): void {
    this.#newest = this.#chunks[this.#chunks.length - 1] ?? NO_CHUNK;
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

  /** As `#replace`, at the instant of the newest entries. */
  #replaceLast(at: number, code: number, value: number, product: string | null): boolean {
    const chunk = this.#newest;
    for (let i = chunk.length - 1; i >= 0; i--) {
      const entry = chunk.entries[i] as number;
      if (chunk.base + (entry >> CODE_BITS) !== at) return false;
      if (!isSame(entry, code)) continue;
      write(chunk, i, at, code, value, product);
      return true;
    }
    // The chunk before may have some of them.
    return this.#replace(at, code, value, product);
  }

  #replace(at: number, code: number, value: number, product: string | null): boolean {
    for (let c = this.#chunkAt(at); c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c] as Chunk;
      if (firstAt(chunk) > at) return false;
      for (let i = lowerBound(chunk, at); i < chunk.length; i++) {
        const entry = chunk.entries[i] as number;
        if (chunk.base + (entry >> CODE_BITS) !== at) return false;
        if (isSame(entry, code)) {
          write(chunk, i, at, code, value, product);
          return true;
        }
      }
    }
    return false;
  }

  #insert(at: number, code: number, value: number, product: string | null): void {
    let c = this.#chunkAt(at);
    // Behind all entries of its instant, so that the order of arrival is kept within it.
    while (c + 1 < this.#chunks.length && firstAt(this.#chunks[c + 1] as Chunk) <= at) c++;
    let chunk = this.#chunks[c] as Chunk;
    if (Math.abs(at - chunk.base) > OFFSET_MAX) {
      const apart = newChunk(at, FIRST_ENTRIES);
      write(apart, 0, at, code, value, product);
      this.#chunks.splice(at < chunk.base ? c : c + 1, 0, apart);
      return;
    }
    if (chunk.length === CHUNK_ENTRIES) {
      const upper = split(chunk);
      this.#chunks.splice(c + 1, 0, upper);
      if (at >= firstAt(upper)) chunk = upper;
    }
    const place = lowerBound(chunk, at + 1);
    const { length } = chunk;
    // Written behind the last first, which makes room for it.
    write(chunk, length, at, code, value, product);
    chunk.entries.copyWithin(place + 1, place, length);
    chunk.values.copyWithin(place + 1, place, length);
    chunk.names?.copyWithin(place + 1, place, length);
    write(chunk, place, at, code, value, product);
  }
}

/** Both columns in one buffer: half as many of them for the collector to look after. */
function newChunk(base: number, capacity: number): Chunk {
  const buffer = new ArrayBuffer(5 * capacity);
  return {
    base,
    length: 0,
    entries: new Int32Array(buffer, 0, capacity),
    values: new Int8Array(buffer, 4 * capacity, capacity),
    product: null,
    names: null,
  };
}

/** Sets the entry at `i`, or adds it behind the last. */
function write(chunk: Chunk, i: number, at: number, code: number, value: number, product: string | null): void {
  if (i === chunk.length) {
    chunk.length++;
    if (i === chunk.entries.length) {
      grow(chunk, Math.min(4 * i, CHUNK_ENTRIES));
    }
  }
  if (i === 0 && chunk.length === 1 && chunk.names === null) chunk.product = product;
  else if (chunk.names !== null || chunk.product !== product) name(chunk, i, product);
  chunk.entries[i] = ((at - chunk.base) << CODE_BITS) | code;
  chunk.values[i] = value;
  if (chunk.values[i] !== value) {
    const wider = value === (value | 0) ? new Int32Array(chunk.values.length) : new Float64Array(chunk.values.length);
    wider.set(chunk.values);
    wider[i] = value;
    chunk.values = wider;
  }
}

/** Makes the products of a chunk a column of their own, and sets the one of an entry. */
function name(chunk: Chunk, i: number, product: string | null): void {
  chunk.names ??= Array.from({ length: chunk.length }, () => chunk.product);
  chunk.product = null;
  chunk.names[i] = product;
}

/** The product that each entry of a chunk names; `null`: none names any. */
function namesOf({ length, product, names }: Chunk): (string | null)[] | null {
  if (names !== null) return names.slice(0, length);
  return product === null ? null : Array.from({ length }, () => product);
}

function productsOf(names: readonly (string | null)[] | null): Pick<Chunk, "product" | "names"> {
  if (names === null) return { product: null, names: null };
  const [product = null] = names;
  return names.every((one) => one === product) ? { product, names: null } : { product: null, names: names.slice() };
}

function grow(chunk: Chunk, capacity: number): void {
  const { entries, values } = chunk;
  const grown = newChunk(chunk.base, capacity);
  grown.entries.set(entries);
  chunk.entries = grown.entries;
  if (values instanceof Int8Array) grown.values.set(values);
  else {
    grown.values = values instanceof Int32Array ? new Int32Array(capacity) : new Float64Array(capacity);
    grown.values.set(values);
  }
  chunk.values = grown.values;
}

function split(chunk: Chunk): Chunk {
  const half = CHUNK_ENTRIES >> 1;
  const upper: Chunk = {
    base: chunk.base,
    length: chunk.length - half,
    entries: chunk.entries.slice().copyWithin(0, half),
    values: chunk.values.slice().copyWithin(0, half),
    product: chunk.product,
    names: chunk.names === null ? null : chunk.names.slice(half),
  };
  if (chunk.names !== null) chunk.names.length = half;
  chunk.length = half;
  return upper;
}

/** Whether an entry is of the quantity of a code, both totals or both deltas. */
function isSame(entry: number, code: number): boolean {
  return (entry & CODE & ~STARTUP) === (code & ~STARTUP);
}

function firstAt(chunk: Chunk): number {
  return chunk.base + ((chunk.entries[0] as number) >> CODE_BITS);
}

function lastAt(chunk: Chunk): number {
  return chunk.base + ((chunk.entries[chunk.length - 1] as number) >> CODE_BITS);
}

/** The first entry at or after an instant. */
function lowerBound(chunk: Chunk, instant: number): number {
  const offset = instant - chunk.base;
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chunk.entries[middle] as number) >> CODE_BITS < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
