/**
 * The counts of one machine, sorted by instant, in typed columns of 5 bytes a quantity up to ±127, and packed where they
 * are rarely read: a machine that counts every second holds an hour of them in 10 kB. Deltas of one instant add up; a later total of the same
 * instant and quantity replaces the earlier (CN-2), so counts need only be added in log order. The product that counts
 * name (CN-9) is kept once a chunk, and is a column of its own only where entries of a chunk name different ones.
 */
import { CODE, CODE_BITS, packed, TOTAL, type Unpacked, unpacked, widened } from "./packed-counts.ts";

/** Quantities by their number: good, scrap, rework, and produced, of which there are totals alone (CN-7). */
export type Quantity = 0 | 1 | 2 | 3;

export const SCRAP_QUANTITY = 1;
export const PRODUCED_QUANTITY = 3;

/** A code is a quantity with these flags; it takes the lowest bits of an entry, the instant all others. */
export const QUANTITY = 3;
export const STARTUP = 4;
export { CODE_BITS, TOTAL };

const FIRST_ENTRIES = 32;
const CHUNK_ENTRIES = 512;
/** Of a chunk behind one that was filled. */
const NEXT_ENTRIES = CHUNK_ENTRIES / 2;
const OFFSET_MAX = 2 ** (31 - CODE_BITS) - 1;

/** As narrow as the values of a chunk allow. */
type Values = Unpacked["values"];

/** A class, so that V8 keeps all of them alike, however they came about. */
class Chunk {
  readonly base: number;
  length = 0;
  /** Milliseconds after `base`, and code. Without room where the chunk is packed. */
  entries: Int32Array;
  values: Values;
  /** Both as bytes; `null`: it is not packed. */
  bytes: Uint8Array | null = null;
  /** Milliseconds after `base` of the first and the last entry, where it is packed. */
  first = 0;
  last = 0;
  /** The product that all entries name; `null`: they name none, or different ones. */
  product: string | null = null;
  /** The product that each entry names, if it does, where they differ; else `null`. */
  names: (string | null)[] | null = null;

  constructor(base: number, { entries, values }: Unpacked) {
    this.base = base;
    this.entries = entries;
    this.values = values;
  }
}

/** Entries of one chunk, in order of time: those of `[first, end)`. */
export interface CountSlice extends Readonly<Pick<Chunk, "base" | "entries" | "values" | "product" | "names">> {
  readonly first: number;
  readonly end: number;
}

/** Structured-clonable content of the columns. */
export type CountSnapshot = readonly (PackedSnapshot | OpenSnapshot)[];

type PackedSnapshot = Readonly<Pick<Chunk, "base" | "length" | "first" | "last" | "product">> & {
  readonly bytes: Uint8Array;
  readonly names: readonly (string | null)[] | null;
};

/** Of values that cannot be packed, and of all in checkpoints of before. */
interface OpenSnapshot {
  readonly base: number;
  readonly entries: Int32Array;
  readonly values: Values;
  /** Also where all entries name one product; `null`: none names any. */
  readonly names: readonly (string | null)[] | null;
}

const NO_ENTRIES = new Int32Array(0);
const NO_VALUES = new Int8Array(0);
const NO_COLUMNS: Unpacked = { entries: NO_ENTRIES, values: NO_VALUES };
const NO_CHUNK = new Chunk(0, NO_COLUMNS);

export class CountColumns {
  #chunks: Chunk[] = [];
  /** The last of them; one without room while there is none. */
  #newest: Chunk = NO_CHUNK;
  /** One that was packed and is not, because a late count came to it; never the newest. */
  #opened: Chunk | null = null;

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
        const next = new Chunk(at, columnsFor(chunk?.length === CHUNK_ENTRIES ? NEXT_ENTRIES : FIRST_ENTRIES));
        // A list of one, for one that grows has room for 17.
        if (chunk === undefined) this.#chunks = [next];
        else this.#chunks.push(next);
        chunk = next;
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
      const held = this.#chunks[c] as Chunk;
      if (firstAt(held) >= to) break;
      if (lastAt(held) < from) continue;
      const { base, length, product, names } = held;
      const { entries, values } = held.bytes === null ? held : unpacked(held.bytes, length, held.first, length);
      const first = firstAt(held) < from ? lowerBound(entries, length, from - base) : 0;
      const end = lastAt(held) >= to ? lowerBound(entries, length, to - base) : length;
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

  /** Packs whole chunks that lie before an instant: what is read or changed there later is unpacked for it. */
  packBefore(instant: number): void {
    if (this.#opened !== null) pack(this.#opened);
    this.#opened = null;
    for (let c = this.#chunks.length - 2; c >= 0; c--) {
      const chunk = this.#chunks[c] as Chunk;
      if (chunk.bytes !== null) return;
      if (lastAt(chunk) < instant) pack(chunk);
    }
  }

  snapshot(): CountSnapshot {
    return this.#chunks.map((chunk) => {
      const { base, length, entries, values, product, names } = chunk;
      const bytes = chunk.bytes ?? packed(chunk, length);
      if (bytes === null) {
        return { base, entries: entries.slice(0, length), values: values.slice(0, length), names: namesOf(chunk) };
      }
      const [first, last] = [firstAt(chunk) - base, lastAt(chunk) - base];
      return { base, length, first, last, bytes, product, names: names === null ? null : names.slice(0, length) };
    });
  }

  /** `change` is applied to every value, as where the machine's decimals were changed (CN-5); `null`: values stay as they are. */
  static restore(snapshot: CountSnapshot, change: ((value: number) => number) | null = null): CountColumns {
    const columns = new CountColumns();
    columns.#chunks = snapshot.map((held, place) => {
      const chunk = "bytes" in held ? packedChunk(held) : openChunk(held);
      const isNewest = place === snapshot.length - 1;
      if (isNewest || change !== null) open(chunk);
      if (change !== null) chunk.values = Float64Array.from(chunk.values, change);
      if (!isNewest) pack(chunk);
      return chunk;
    });
    columns.#noteNewest();
    return columns;
  }

  #noteNewest(): void {
    this.#newest = this.#chunks[this.#chunks.length - 1] ?? NO_CHUNK;
  }

  /** A chunk that is to be changed: it is packed no more, and the one that was opened before is again. */
  #openAt(place: number): Chunk {
    const chunk = this.#chunks[place] as Chunk;
    if (chunk.bytes === null) return chunk;
    if (this.#opened !== null) pack(this.#opened);
    this.#opened = chunk;
    open(chunk);
    return chunk;
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
      const held = this.#chunks[c] as Chunk;
      if (firstAt(held) > at) return false;
      if (lastAt(held) < at) continue;
      const chunk = this.#openAt(c);
      for (let i = lowerBound(chunk.entries, chunk.length, at - chunk.base); i < chunk.length; i++) {
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
    let chunk = this.#openAt(c);
    if (Math.abs(at - chunk.base) > OFFSET_MAX) {
      const apart = new Chunk(at, columnsFor(FIRST_ENTRIES));
      write(apart, 0, at, code, value, product);
      this.#chunks.splice(at < chunk.base ? c : c + 1, 0, apart);
      return;
    }
    if (chunk.length === CHUNK_ENTRIES) {
      const upper = split(chunk);
      this.#chunks.splice(c + 1, 0, upper);
      if (at >= firstAt(upper)) chunk = upper;
    }
    const place = lowerBound(chunk.entries, chunk.length, at + 1 - chunk.base);
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
function columnsFor(capacity: number): Unpacked {
  const buffer = new ArrayBuffer(5 * capacity);
  return { entries: new Int32Array(buffer, 0, capacity), values: new Int8Array(buffer, 4 * capacity, capacity) };
}

/** Packs all but chunks that cannot be. */
function pack(chunk: Chunk): void {
  if (chunk.bytes !== null || chunk.length === 0) return;
  const bytes = packed(chunk, chunk.length);
  if (bytes === null) return;
  chunk.first = firstAt(chunk) - chunk.base;
  chunk.last = lastAt(chunk) - chunk.base;
  chunk.bytes = bytes;
  chunk.entries = NO_ENTRIES;
  chunk.values = NO_VALUES;
}

function open(chunk: Chunk): void {
  const { bytes, length, first } = chunk;
  if (bytes === null) return;
  const { entries, values } = unpacked(bytes, length, first, length);
  chunk.entries = entries;
  chunk.values = values;
  chunk.bytes = null;
}

function packedChunk({ base, length, first, last, bytes, product, names }: PackedSnapshot): Chunk {
  const chunk = new Chunk(base, NO_COLUMNS);
  chunk.length = length;
  chunk.bytes = bytes;
  chunk.first = first;
  chunk.last = last;
  chunk.product = product;
  chunk.names = names === null ? null : names.slice();
  return chunk;
}

function openChunk({ base, entries, values, names }: OpenSnapshot): Chunk {
  const chunk = new Chunk(base, { entries: entries.slice(), values: values.slice() });
  chunk.length = entries.length;
  const products = productsOf(names);
  chunk.product = products.product;
  chunk.names = products.names;
  return chunk;
}

/** Sets the entry at `i`, or adds it behind the last. */
function write(chunk: Chunk, i: number, at: number, code: number, value: number, product: string | null): void {
  if (i === chunk.length) {
    chunk.length++;
    if (i === chunk.entries.length) grow(chunk, Math.min(2 * i, CHUNK_ENTRIES));
  }
  if (i === 0 && chunk.length === 1 && chunk.names === null) chunk.product = product;
  else if (chunk.names !== null || chunk.product !== product) name(chunk, i, product);
  chunk.entries[i] = ((at - chunk.base) << CODE_BITS) | code;
  chunk.values[i] = value;
  if (chunk.values[i] !== value) {
    chunk.values = widened(chunk.values, value);
    chunk.values[i] = value;
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
  const grown = columnsFor(capacity);
  grown.entries.set(entries);
  chunk.entries = grown.entries;
  let wide = grown.values;
  if (values instanceof Int32Array) wide = new Int32Array(capacity);
  else if (values instanceof Float64Array) wide = new Float64Array(capacity);
  wide.set(values);
  chunk.values = wide;
}

function split(chunk: Chunk): Chunk {
  const half = CHUNK_ENTRIES >> 1;
  const upper = new Chunk(chunk.base, {
    entries: chunk.entries.slice().copyWithin(0, half),
    values: chunk.values.slice().copyWithin(0, half),
  });
  upper.length = chunk.length - half;
  upper.product = chunk.product;
  upper.names = chunk.names === null ? null : chunk.names.slice(half);
  if (chunk.names !== null) chunk.names.length = half;
  chunk.length = half;
  return upper;
}

/** Whether an entry is of the quantity of a code, both totals or both deltas. */
function isSame(entry: number, code: number): boolean {
  return (entry & CODE & ~STARTUP) === (code & ~STARTUP);
}

function firstAt(chunk: Chunk): number {
  if (chunk.bytes !== null) return chunk.base + chunk.first;
  return chunk.base + ((chunk.entries[0] as number) >> CODE_BITS);
}

function lastAt(chunk: Chunk): number {
  if (chunk.bytes !== null) return chunk.base + chunk.last;
  return chunk.base + ((chunk.entries[chunk.length - 1] as number) >> CODE_BITS);
}

/** The first of `length` entries that is not before an offset. */
function lowerBound(entries: Int32Array, length: number, offset: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] as number) >> CODE_BITS < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
