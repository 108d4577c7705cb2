/**
 * Values of OPC UA as observations have them. Quality is the severity in the two highest bits of a status: `Good` with further
 * bits, as an overflow or a clamped value has, is good. 64-bit integers come as two halves and are refused where a number
 * cannot hold them. Structures and arrays are walked by a path.
 */
import type { Observation } from "../port.ts";

/** Of `node-opcua`'s `DataValue` what is used here. */
export interface ReadValue {
  readonly value: { readonly dataType: number; readonly value: unknown };
  readonly statusCode: { readonly value: number; readonly name: string };
  readonly sourceTimestamp: Date | null;
  readonly serverTimestamp: Date | null;
}

export type Found = { readonly value: Observation["value"] } | { readonly why: string };

const INT64 = 8;
const UINT64 = 9;
const SEVERITY_SHIFT = 30;
const GOOD = 0;
const UNCERTAIN = 1;
/** Status codes with which a server gives the last value that it had, or an initial one, because it has heard no newer one from its device. */
const UNCERTAIN_AND_OLD: ReadonlySet<number> = new Set([0x408f0000, 0x40900000, 0x40920000]);
const CODE_MASK = 0xffff0000;
/** Information bits of a data value, and Overflow among them. */
const OVERFLOW = 0x480;

export function isUsable(status: number): boolean {
  const severity = status >>> SEVERITY_SHIFT;
  if (severity === UNCERTAIN) return !UNCERTAIN_AND_OLD.has((status & CODE_MASK) >>> 0);
  return severity === GOOD;
}

/** The server's queue was full and lost values before this one. */
export function hasOverflow(status: number): boolean {
  return (status & OVERFLOW) === OVERFLOW;
}

/** 1601-01-01 in epoch ms: OPC UA's least instant. */
const LEAST_MS = Date.UTC(1601, 0, 1);

/** Whether a time stamp is an instant. A controller without a clock sends OPC UA's least instant, which means that there is none. */
export function isStamp(stamp: Date | null): stamp is Date {
  return stamp !== null && stamp.getTime() > LEAST_MS;
}

/** The value at a path of field names and indexes from 0 (`0.AccCount`); an empty one is the value itself. */
export function valueAt({ value: variant }: ReadValue, path: readonly string[]): Found {
  let found: unknown = variant.value;
  for (const step of path) found = stepInto(found, step);
  if (path.length === 0 && (variant.dataType === INT64 || variant.dataType === UINT64)) {
    return fromHalves(found, variant.dataType === INT64);
  }
  return plain(found);
}

const DEPTH_MAX = 3;
/** Of an array the first elements are listed. */
const ELEMENTS_MAX = 10;

/** The value, or those of the fields of a structure or an array, each with its path. */
export function valuesIn(read: ReadValue, path: readonly string[] = []): readonly [path: string, Found][] {
  const found = valueAt(read, path);
  const inner = path.reduce<unknown>(stepInto, read.value.value);
  if ("value" in found || typeof inner !== "object" || inner === null || path.length >= DEPTH_MAX)
    return [[path.join("."), found]];
  const { schema } = inner as { readonly schema?: { readonly fields: readonly Field[] } };
  const steps = schema?.fields.map(({ name, originalName = name }) => originalName) ?? Object.keys(inner);
  return steps.slice(0, ELEMENTS_MAX).flatMap((step) => valuesIn(read, [...path, step]));
}

/** `originalName`: as the server writes it. */
interface Field {
  readonly name: string;
  readonly originalName?: string;
}

/** `node-opcua` writes the first letter of a field small. */
function stepInto(value: unknown, step: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const own = value as Readonly<Record<string, unknown>>;
  return own[step] ?? own[step.charAt(0).toLowerCase() + step.slice(1)];
}

function plain(value: unknown): Found {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? { value } : { why: `the number ${value}` };
    case "string":
    case "boolean":
      return { value };
    case "bigint":
      return whole(value);
    case "undefined":
      return { why: "no such field" };
  }
  if (value === null) return { value: null };
  if (value instanceof Date) return { value: value.toISOString() };
  const { text, name, namespaceIndex } = value as Readonly<Record<"text" | "name" | "namespaceIndex", unknown>>;
  // A LocalizedText, and a QualifiedName: a structure may have a name among its fields.
  if (typeof text === "string" || text === null) return { value: text };
  if (typeof name === "string" && namespaceIndex !== undefined) return { value: name };
  if (isHalves(value)) return fromHalves(value, false);
  return { why: "a structure or an array, of which no field is named" };
}

function isHalves(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((half) => typeof half === "number");
}

function fromHalves(value: unknown, signed: boolean): Found {
  if (!isHalves(value)) return value === null ? { value: null } : { why: "an array, of which no index is named" };
  const [high, low] = value;
  const bits = (BigInt(high) << 32n) | BigInt(low);
  return whole(signed ? BigInt.asIntN(64, bits) : bits);
}

function whole(value: bigint): Found {
  const number = Number(value);
  return Number.isSafeInteger(number) ? { value: number } : { why: `the number ${value}, beyond 2^53` };
}
