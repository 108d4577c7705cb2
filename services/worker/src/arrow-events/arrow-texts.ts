/**
 * Rows of Arrow record batches as JSON text, straight from their columns: byte for byte what `JSON.stringify` makes of the
 * objects that `arrowEventRows` gives, without the objects. A row with a value that JSON does not hold as it is (a number
 * beyond 2^53 or of more than 15 digits, NaN, an instant that is no number) is odd: it has no text and is taken as an object.
 */
import { type Data, DataType, type Field, type RecordBatch, type Struct, type Timestamp, Type } from "apache-arrow";
import { type Column, columnsOf, dictionaryOf, noEntry, rowOf, valuesOf } from "./arrow-rows.ts";
import { halvesOf, instantsOf, UINT32 } from "./instants.ts";
import { TextRoom } from "./text-room.ts";

/** What became of a value: there is none, it is written, or it is odd. */
const [NOTHING, WRITTEN, ODD] = [0, 1, 2] as const;
type Outcome = typeof NOTHING | typeof WRITTEN | typeof ODD;

/** Writes the value at a row behind what is written already. */
type WriteValue = (row: number, room: TextRoom) => Outcome;

/** Of a JSON number this many characters are exact in a double. */
const EXACT_CHARACTERS_MAX = 15;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const NO_TEXT = -1;
const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");

/** The rows of a record: texts, and the objects of odd rows. */
export class ArrowTexts {
  readonly #room = new TextRoom();
  readonly #bytes: Buffer[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** By the first row of each record batch, its columns. */
  readonly #batches: { readonly first: number; readonly columns: readonly Column[] }[] = [];

  get length(): number {
    return this.#ends.length;
  }

  /** The piece of memory that the text of a row lies in. */
  bytesAt(row: number): Buffer {
    return this.#bytes[row] as Buffer;
  }

  startAt(row: number): number {
    return this.#starts[row] as number;
  }

  /** `null`: the row is odd. */
  endAt(row: number): number | null {
    const end = this.#ends[row] as number;
    return end === NO_TEXT ? null : end;
  }

  /** A row as an object. */
  rowAt(row: number): object {
    let at = this.#batches.length - 1;
    while (at > 0 && (this.#batches[at]?.first ?? 0) > row) at--;
    const batch = this.#batches[at];
    if (batch === undefined) throw new Error(`no row ${row}`);
    return rowOf(batch.columns, row - batch.first);
  }

  /** Adds the rows of a record batch. Throws Error where it is damaged. */
  add(batch: RecordBatch): void {
    const columns = columnsOf(batch);
    this.#batches.push({ first: this.length, columns });
    const write = objectWriter(batch.schema.fields, batch.data.children);
    const room = this.#room;
    for (let row = 0; row < batch.numRows; row++) {
      room.begin();
      const outcome = write === null ? ODD : write(row, room);
      if (outcome === ODD) {
        room.cut(0);
        // What cannot be read fails here, before any event of the record is taken.
        rowOf(columns, row);
      } else if (outcome === NOTHING) {
        room.byte(OPEN);
        room.byte(CLOSE);
      }
      this.#bytes.push(room.bytes);
      this.#starts.push(room.start);
      this.#ends.push(outcome === ODD ? NO_TEXT : room.end);
    }
  }
}

/** Writes an object of those fields that have a value; of none, nothing. `null`: an object orders or joins such names otherwise. */
function objectWriter(fields: readonly Field[], columns: readonly (Data | undefined)[]): WriteValue | null {
  const names = fields.map(({ name }) => name);
  if (new Set(names).size < names.length || names.some((name) => /^\d+$|^__proto__$/.test(name))) return null;
  const parts = fields.flatMap((field, i) => {
    const data = columns[i];
    return data === undefined ? [] : [partOf(field, data)];
  });
  return (row, room) => {
    const began = room.length;
    for (const { first, further, write } of parts) {
      const before = room.length;
      room.append(before === began ? first : further);
      const outcome = write(row, room);
      if (outcome === ODD) return ODD;
      if (outcome === NOTHING) room.cut(before);
    }
    if (room.length === began) return NOTHING;
    room.byte(CLOSE);
    return WRITTEN;
  };
}

interface Part {
  /** What stands before the value: with the object's opening brace, and with a comma. */
  readonly first: Uint8Array;
  readonly further: Uint8Array;
  readonly write: WriteValue;
}

function partOf(field: Field, data: Data): Part {
  const name = JSON.stringify(field.name);
  return {
    first: Buffer.from(`{${name}:`),
    further: Buffer.from(`,${name}:`),
    write: nullableWriter(field, data),
  };
}

function nullableWriter(field: Field, data: Data): WriteValue {
  const write = valueWriter(field, data);
  return (row, room) => (data.getValid(row) ? write(row, room) : NOTHING);
}

/** For a value that is not null. */
function valueWriter(field: Field, data: Data): WriteValue {
  const { type } = field;
  if (DataType.isDictionary(type)) return dictionaryWriter(field, data);
  if (DataType.isUtf8(type)) return textWriter(field, data);
  if (DataType.isInt(type)) return type.bitWidth === 64 ? wideWriter(data, type.isSigned) : numberWriter(data);
  if (type.typeId === Type.Float && (data.values instanceof Float64Array || data.values instanceof Float32Array)) {
    return numberWriter(data);
  }
  // What it was made of is checked.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  if (DataType.isTimestamp(type)) return instantWriter(data as Data<Timestamp>);
  if (DataType.isStruct(type)) return structWriter(type, data);
  const valueOf = valuesOf(field, data);
  return (row, room) => writeValue(valueOf(row), room);
}

function numberWriter(data: Data): WriteValue {
  const values = data.values as ArrayLike<number>;
  return (row, room) => writeNumber(values[row] as number, room);
}

function wideWriter(data: Data, signed: boolean): WriteValue {
  const halves = halvesOf(data);
  return (row, room) => {
    const high = halves[2 * row + 1] as number;
    const value = (signed ? high : high >>> 0) * UINT32 + ((halves[2 * row] as number) >>> 0);
    return writeNumber(value, room);
  };
}

function instantWriter(data: Data<Timestamp>): WriteValue {
  const instantOf = instantsOf(data);
  return (row, room) => writeNumber(instantOf(row), room);
}

function textWriter(field: Field, data: Data): WriteValue {
  const bytes = data.values as Uint8Array;
  const ends = data.valueOffsets;
  const valueOf = valuesOf(field, data);
  return (row, room) => {
    const [from, to] = [Number(ends[row]), Number(ends[row + 1])];
    if (from >= 0 && from <= to && to <= bytes.length && room.quoted(bytes, from, to)) return WRITTEN;
    return writeValue(valueOf(row), room);
  };
}

function dictionaryWriter(column: Field, data: Data): WriteValue {
  const indices = data.values as ArrayLike<number | bigint>;
  const { field, chunks } = dictionaryOf(column, data);
  const parts = chunks.map((chunk) => ({ length: chunk.length, write: nullableWriter(field, chunk) }));
  return (row, room) => {
    let at = Number(indices[row]);
    for (const { length, write } of parts) {
      if (at >= 0 && at < length) return write(at, room);
      at -= length;
    }
    throw noEntry(Number(indices[row]), chunks);
  };
}

/** One that holds another is odd: of these only the outer one is left out where it has no value. */
function structWriter(type: Struct, data: Data): WriteValue {
  const nested = type.children.some((child) => DataType.isStruct(child.type));
  return (nested ? null : objectWriter(type.children, data.children)) ?? ((): Outcome => ODD);
}

function writeValue(value: unknown, room: TextRoom): Outcome {
  switch (typeof value) {
    case "string":
      room.append(Buffer.from(JSON.stringify(value)));
      return WRITTEN;
    case "number":
      return writeNumber(value, room);
    case "boolean":
      room.append(value ? TRUE : FALSE);
      return WRITTEN;
    default:
      return value === null || value === undefined ? NOTHING : ODD;
  }
}

function writeNumber(value: number, room: TextRoom): Outcome {
  if (Number.isSafeInteger(value)) {
    if (Object.is(value, -0)) return ODD;
    room.integer(value);
    return WRITTEN;
  }
  const text = String(value);
  if (!Number.isFinite(value) || text.length > EXACT_CHARACTERS_MAX || text.includes("e")) return ODD;
  room.ascii(text);
  return WRITTEN;
}
