/**
 * Rows of Arrow record batches as the objects that JSON would have held. What other libraries write and apache-arrow does
 * not turn into plain values is turned here: dictionaries with 64-bit indices, decimals of any width, UUIDs, instants of
 * any unit; inside of structs too.
 */
import { eventRow } from "@oee/model";
import { type Data, DataType, type Field, type RecordBatch, Type, Vector } from "apache-arrow";

type Value = (row: number) => unknown;

/** The rows of a record batch. Columns without a value are left out. */
export function* arrowEventRows(batch: RecordBatch): Generator<object> {
  const columns = batch.schema.fields.map((field, i) => {
    const data = batch.data.children[i];
    return { name: field.name, value: data === undefined ? (): unknown => null : valuesOf(field, data) };
  });
  for (let row = 0; row < batch.numRows; row++) yield eventRow(columns, ({ value }): unknown => value(row));
}

function valuesOf(field: Field, data: Data): Value {
  const value = presentValuesOf(field, data);
  return (row) => (data.getValid(row) ? value(row) : null);
}

function presentValuesOf(field: Field, data: Data): Value {
  const { type } = field;
  const vector = new Vector([data]);
  if (DataType.isDictionary(type)) {
    const indices = data.values as ArrayLike<number | bigint>;
    const entry = entriesOf(field.clone({ type: type.dictionary }), data.dictionary?.data ?? []);
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
  // What is finer than a millisecond comes as a fraction of it, and is cut (P-2).
  if (DataType.isTimestamp(type)) return (row) => Math.floor(Number(vector.get(row)));
  if (DataType.isDecimal(type)) return (row) => decimalOf(vector.get(row) as Uint32Array, type.scale);
  if (type.typeId === Type.FixedSizeBinary && field.metadata.get("ARROW:extension:name") === "arrow.uuid") {
    return (row) => uuidOf(vector.get(row) as Uint8Array);
  }
  return (row) => vector.get(row) as unknown;
}

/** Entries of a dictionary, which has a chunk more for each delta; each is read once. */
function entriesOf(field: Field, chunks: readonly Data[]): Value {
  const known: unknown[] = [];
  const parts = chunks.map((chunk) => ({ length: chunk.length, value: valuesOf(field, chunk) }));
  const read = (index: number): unknown => {
    let at = index;
    for (const { length, value } of parts) {
      if (at < length) return value(at);
      at -= length;
    }
    throw new Error(`found the dictionary index ${index} of ${index - at} entries`);
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
