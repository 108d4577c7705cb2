/**
 * Rows of Arrow record batches as the objects that JSON would have held. What other libraries write and apache-arrow does
 * not turn into plain values is turned here: dictionaries with 64-bit indices, decimals of any width, UUIDs, instants of
 * any unit; inside of structs too.
 */
import { eventRow } from "@oee/model";
import { type Data, DataType, type Field, type RecordBatch, type Timestamp, Type, Vector } from "apache-arrow";
import { instantsOf } from "./instants.ts";

type Value = (row: number) => unknown;

/** A column of a record batch by its name. */
export interface Column {
  readonly name: string;
  readonly value: Value;
}

/** The rows of a record batch. Columns without a value are left out. */
export function* arrowEventRows(batch: RecordBatch): Generator<object> {
  const columns = columnsOf(batch);
  for (let row = 0; row < batch.numRows; row++) yield rowOf(columns, row);
}

export function columnsOf(batch: RecordBatch): readonly Column[] {
  return batch.schema.fields.map((field, i) => {
    const data = batch.data.children[i];
    return { name: field.name, value: data === undefined ? (): unknown => null : valuesOf(field, data) };
  });
}

export function rowOf(columns: readonly Column[], row: number): object {
  return eventRow(columns, ({ value }): unknown => value(row));
}

export function valuesOf(field: Field, data: Data): Value {
  const value = presentValuesOf(field, data);
  return (row) => (data.getValid(row) ? value(row) : null);
}

function presentValuesOf(field: Field, data: Data): Value {
  const { type } = field;
  const vector = new Vector([data]);
  if (DataType.isDictionary(type)) {
    const indices = data.values as ArrayLike<number | bigint>;
    const entry = entriesOf(field, data);
    return (row) => entry(Number(indices[row]));
  }
  if (DataType.isStruct(type)) {
    const fields = type.children.map((child, i) => ({ name: child.name, data: data.children[i], child }));
    const values = fields.map(({ name, data: column, child }) => ({
      name,
      value: column === undefined ? (): unknown => null : valuesOf(child, column),
    }));
    return (row) => Object.fromEntries(values.map(({ name, value }) => [name, value(row)]));
  }
  // What it was made of is checked.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  if (DataType.isTimestamp(type)) return instantsOf(data as Data<Timestamp>);
  if (DataType.isDecimal(type)) return (row) => decimalOf(vector.get(row) as Uint32Array, type.scale);
  if (type.typeId === Type.FixedSizeBinary && field.metadata.get("ARROW:extension:name") === "arrow.uuid") {
    return (row) => uuidOf(vector.get(row) as Uint8Array);
  }
  return (row) => vector.get(row) as unknown;
}

/** The field of a dictionary column's entries, and their chunks: a dictionary has one more for each delta. */
export function dictionaryOf(
  column: Field,
  { dictionary }: Data,
): { readonly field: Field; readonly chunks: readonly Data[] } {
  const { type } = column;
  const field = DataType.isDictionary(type) ? column.clone({ type: type.dictionary }) : column;
  return { field, chunks: dictionary?.data ?? [] };
}

export function noEntry(index: number, chunks: readonly Data[]): Error {
  const entries = chunks.reduce((sum, { length }) => sum + length, 0);
  return new Error(`found the dictionary index ${index} of ${entries} entries`);
}

/** Entries of a dictionary by index; each is read once. */
function entriesOf(column: Field, data: Data): Value {
  const { field, chunks } = dictionaryOf(column, data);
  const known: unknown[] = [];
  const parts = chunks.map((chunk) => ({ length: chunk.length, value: valuesOf(field, chunk) }));
  const read = (index: number): unknown => {
    let at = index;
    for (const { length, value } of parts) {
      if (at >= 0 && at < length) return value(at);
      at -= length;
    }
    throw noEntry(index, chunks);
  };
  return (index) => (known[index] ??= read(index));
}

/** Little-endian words in two's complement, with so many digits after the point. */
function decimalOf(words: Uint32Array, scale: number): number {
  let value = 0n;
  for (let i = words.length - 1; i >= 0; i--) value = (value << 32n) | BigInt(words[i] ?? 0);
  value = BigInt.asIntN(words.length * 32, value);
  return Number(`${value}e${-scale}`);
}

function uuidOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
