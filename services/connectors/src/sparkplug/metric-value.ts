/**
 * The value of a metric by its type. Whole numbers are cut to their width and sign, for encoders write a negative one in its own
 * width, in 32 bits or in 64; 64-bit numbers that no number can hold are refused. Arrays are packed, little end first.
 */
import type { Observation } from "../port.ts";
import type { DataSet, RawValue, Whole } from "./payload.ts";

export type Found = { readonly value: Observation["value"] } | { readonly why: string };

/** Which cell of a data set, or which element of an array, is meant. */
export interface Part {
  readonly column: string | null;
  /** From 0. */
  readonly row: number;
  /** From 0. */
  readonly index: number | null;
}

/** Bits by type: Int8, Int16, Int32, Int64; UInt8 and so on follow. */
const SIGNED: ReadonlyMap<number, number> = new Map([
  [1, 8],
  [2, 16],
  [3, 32],
  [4, 64],
]);
const UNSIGNED: ReadonlyMap<number, number> = new Map([
  [5, 8],
  [6, 16],
  [7, 32],
  [8, 64],
  // DateTime: epoch ms.
  [13, 64],
]);
const BOOLEAN = 11;
const DATA_SET = 16;
/** An array's type is its elements' and so much. */
const ARRAY_OFFSET = 21;
const FLOAT_ARRAY = 30;
const DOUBLE_ARRAY = 31;
const BOOLEAN_ARRAY = 32;
const STRING_ARRAY = 33;
const DATE_TIME_ARRAY = 34;
const DATE_TIME = 13;
/** Without a type a number above may be a negative one. */
const UNTYPED_MAX = 2n ** 31n;

export function valueOf(datatype: number, raw: RawValue, part: Part): Found {
  switch (raw.kind) {
    case "whole":
      return wholeOf(datatype, raw.bits);
    case "real":
      return Number.isFinite(raw.value) ? { value: raw.value } : { why: `the number ${raw.value}` };
    case "truth":
    case "text":
      return { value: raw.value };
    case "bytes":
      return elementOf(datatype, raw.value, part.index);
    case "dataset":
      return cellOf(raw.value, part);
    case "other":
      return { why: datatype === DATA_SET ? "an empty data set" : `a value of type ${datatype}` };
  }
}

function wholeOf(datatype: number, whole: Whole): Found {
  if (datatype === BOOLEAN) return { value: Number(whole) !== 0 };
  const signed = SIGNED.get(datatype);
  const width = signed ?? UNSIGNED.get(datatype);
  if (width === undefined) {
    return whole < UNTYPED_MAX ? exact(whole) : { why: "a number without a type, which no birth told either" };
  }
  if (typeof whole === "number" && width <= 32) {
    const left = 32 - width;
    return { value: signed === undefined ? (whole << left) >>> left : (whole << left) >> left };
  }
  if (typeof whole === "number") return { value: whole };
  return exact(signed === undefined ? BigInt.asUintN(width, whole) : BigInt.asIntN(width, whole));
}

function exact(value: Whole): Found {
  const number = Number(value);
  return Number.isSafeInteger(number) ? { value: number } : { why: `the number ${value}, beyond 2^53` };
}

function cellOf({ columns, types, rows }: DataSet, { column, row }: Part): Found {
  if (column === null) return { why: "a data set, of which no column is named" };
  const place = columns.indexOf(column);
  const cell = rows[row]?.[place];
  if (place < 0 || cell === undefined) return { why: `no cell ${column} in row ${row}` };
  return cell === null ? { value: null } : valueOf(types[place] ?? 0, cell, { column: null, row: 0, index: null });
}

function elementOf(datatype: number, bytes: Uint8Array, index: number | null): Found {
  if (index === null) return { why: "bytes or an array, of which no index is named" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const missing = { why: `no element ${index}` };
  if (datatype === STRING_ARRAY) {
    const text = Buffer.from(bytes).toString("utf8").split("\0").at(index);
    return text === undefined ? missing : { value: text };
  }
  if (datatype === BOOLEAN_ARRAY) {
    // The number of elements comes first, in four bytes; then bits, the highest first.
    if (bytes.length < 4 || index >= view.getUint32(0, true)) return missing;
    return { value: ((view.getUint8(4 + (index >> 3)) >> (7 - (index & 7))) & 1) === 1 };
  }
  const element = datatype === DATE_TIME_ARRAY ? DATE_TIME : datatype - ARRAY_OFFSET;
  const width = widthOf(datatype, element);
  if (width === null) return { why: `bytes of type ${datatype}` };
  const at = index * width;
  if (at + width > bytes.length) return missing;
  if (datatype === FLOAT_ARRAY) return valueOf(0, { kind: "real", value: view.getFloat32(at, true) }, NO_PART);
  if (datatype === DOUBLE_ARRAY) return valueOf(0, { kind: "real", value: view.getFloat64(at, true) }, NO_PART);
  let bits = 0n;
  for (let i = width - 1; i >= 0; i--) bits = (bits << 8n) | BigInt(view.getUint8(at + i));
  return wholeOf(element, bits);
}

const NO_PART: Part = { column: null, row: 0, index: null };

/** Bytes of an element; `null`: it is no array. */
function widthOf(datatype: number, element: number): number | null {
  if (datatype === FLOAT_ARRAY) return 4;
  if (datatype === DOUBLE_ARRAY) return 8;
  const bits = SIGNED.get(element) ?? UNSIGNED.get(element);
  return bits === undefined ? null : bits / 8;
}
