/**
 * Rows of Arrow record batches as JSON text, straight from their columns: byte for byte what `JSON.stringify` makes of the
 * objects that `arrowEventRows` gives, without the objects. A row with a value that JSON does not hold as it is (a number
 * beyond 2^53 or of more than 15 digits, NaN, an instant that is no number) is odd: it has no text and is taken as an object.
 */
import { type Data, DataType, type Field, type RecordBatch, type Struct, type Timestamp, Type } from "apache-arrow";
import { type Column, columnsOf, dictionaryOf, noEntry, rowOf, valuesOf } from "./arrow-rows.ts";
import { halvesOf, instantsOf, UINT32 } from "./instants.ts";
import { isPlain, type TextRoom } from "./text-room.ts";

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
  readonly #room: TextRoom;
  readonly #bytes: Buffer[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** By the first row of each record batch, its columns. */
  readonly #batches: { readonly first: number; readonly columns: readonly Column[] }[] = [];

  constructor(room: TextRoom) {
    this.#room = room;
  }

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
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as Part;
      if (part.has !== null && !part.has(row)) continue;
      const { text } = part;
      if (text !== null) {
        room.copy(part.name, 0, part.name.byteLength);
        room.quoted(text.bytes, text.ends[row] as number, text.ends[row + 1] as number);
        continue;
      }
      const before = room.length;
      room.copy(part.name, 0, part.name.byteLength);
      const outcome = part.write(row, room);
      if (outcome === ODD) return ODD;
      if (outcome === NOTHING) room.cut(before);
    }
    if (room.length === began) return NOTHING;
    // In place of the comma before the first name.
    room.put(began, OPEN);
    room.byte(CLOSE);
    return WRITTEN;
  };
}

interface Part {
  /** What stands before the value, with a comma. */
  readonly name: DataView;
  readonly has: HasValue | null;
  /** Of a column of plain texts; else `null`. */
  readonly text: PlainTexts | null;
  readonly write: WriteValue;
}

function partOf(field: Field, data: Data): Part {
  const name = Buffer.from(`,${JSON.stringify(field.name)}:`);
  return {
    name: viewOf(name),
    has: presenceOf(data),
    text: DataType.isUtf8(field.type) ? plainTextsOf(data) : null,
    write: valueWriter(field, data),
  };
}

/** Texts that stand in JSON as they are. */
interface PlainTexts {
  readonly bytes: DataView;
  /** Of row `i` from `ends[i]` to `ends[i + 1]`. */
  readonly ends: Int32Array;
}

/** `null`: some of a column's texts are not ASCII, need an escape, or lie where there is nothing. */
function plainTextsOf(data: Data): PlainTexts | null {
  const bytes = data.values as Uint8Array;
  const ends = data.valueOffsets as Int32Array;
  if (!(ends instanceof Int32Array) || ends.length <= data.length || (ends[0] as number) < 0) return null;
  for (let row = 0; row < data.length; row++) if ((ends[row] as number) > (ends[row + 1] as number)) return null;
  const end = ends[data.length] as number;
  if (end > bytes.length || !isPlain(bytes, ends[0] as number, end)) return null;
  return { bytes: viewOf(bytes), ends };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Whether there is a value at a row. */
type HasValue = (row: number) => boolean;

/** As `data.getValid`, which finds out at each row what holds for the whole column. `null`: all rows have a value. */
function presenceOf(data: Data): HasValue | null {
  if (DataType.isUnion(data.type)) return (row) => data.getValid(row);
  if (!data.nullable || data.nullCount === 0) return null;
  const { nullBitmap, offset } = data;
  return (row) => (((nullBitmap[(offset + row) >> 3] as number) >> ((offset + row) & 7)) & 1) === 1;
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
  const view = viewOf(bytes);
  const ends = data.valueOffsets;
  const valueOf = valuesOf(field, data);
  return (row, room) => {
    const [from, to] = [Number(ends[row]), Number(ends[row + 1])];
    const plain = from >= 0 && from <= to && to <= bytes.length && isPlain(bytes, from, to);
    if (!plain) return writeValue(valueOf(row), room);
    room.quoted(view, from, to);
    return WRITTEN;
  };
}

function dictionaryWriter(column: Field, data: Data): WriteValue {
  const indices = data.values as ArrayLike<number | bigint>;
  const { field, chunks } = dictionaryOf(column, data);
  const parts = chunks.map((chunk) => ({
    length: chunk.length,
    has: presenceOf(chunk),
    write: valueWriter(field, chunk),
  }));
  return (row, room) => {
    let at = Number(indices[row]);
    for (const { length, has, write } of parts) {
      if (at >= 0 && at < length) return has === null || has(at) ? write(at, room) : NOTHING;
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
