/**
 * TZif, the form in which systems keep time zones (RFC 9636), versions 2 and later: bytes of one zone to its rules.
 * Abbreviations, leap seconds and whether a time is "daylight saving" are left out: clocks are what counts here.
 */
import { parsePosixRule } from "./posix-rule.ts";
import type { ZoneRules } from "./zone.ts";

const MAGIC = 0x545a6966;
const HEADER_BYTES = 44;
/** A zone has some hundred changes; a file may claim anything. */
const CHANGES_MAX = 10_000;

/** Throws Error, saying what was found: no TZif, version 1, one with leap seconds, cut short, or a rule that is none. */
export function readTzif(bytes: Uint8Array): ZoneRules {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = headerAt(view, 0);
  if (first.version < 0x32) throw new Error("found TZif version 1, expected 2 or later");
  // The first block repeats the second in 32 bits, for readers of version 1.
  const start = HEADER_BYTES + dataBytes(first, 4);
  const { times, types, abbreviationBytes, leaps, standards, universals } = headerAt(view, start);
  if (leaps > 0) throw new Error("found leap seconds, expected a zone of POSIX time (not those in the folder `right`)");
  const timesAt = start + HEADER_BYTES;
  const indexesAt = timesAt + times * 8;
  const typesAt = indexesAt + times;
  const footerAt = typesAt + types * 6 + abbreviationBytes + standards + universals;
  const offsetOf = (type: number): number => {
    if (type >= types) throw new Error(`found the local time type ${type} of ${types}`);
    return view.getInt32(typesAt + type * 6) * 1000;
  };
  const changes: (readonly [number, number])[] = [];
  for (let i = 0; i < times; i++) {
    const at = Number(view.getBigInt64(timesAt + i * 8)) * 1000;
    const before = changes[changes.length - 1]?.[0] ?? -Infinity;
    if (at <= before) throw new Error("found changes that are not in order");
    changes.push([at, offsetOf(view.getUint8(indexesAt + i))]);
  }
  return { firstOffsetMs: offsetOf(0), changes, rule: footerOf(bytes, footerAt) };
}

interface Header {
  readonly version: number;
  readonly universals: number;
  readonly standards: number;
  readonly leaps: number;
  readonly times: number;
  readonly types: number;
  readonly abbreviationBytes: number;
}

function headerAt(view: DataView, at: number): Header {
  if (view.byteLength < at + HEADER_BYTES || view.getUint32(at) !== MAGIC) throw new Error("found no TZif");
  const count = (i: number): number => view.getUint32(at + 20 + i * 4);
  const header = {
    version: view.getUint8(at + 4),
    universals: count(0),
    standards: count(1),
    leaps: count(2),
    times: count(3),
    types: count(4),
    abbreviationBytes: count(5),
  };
  const { version: _, ...counts } = header;
  if (Object.values(counts).some((value) => value > CHANGES_MAX) || header.types === 0) {
    throw new Error("found a TZif header with impossible counts");
  }
  return header;
}

function dataBytes(header: Header, timeBytes: number): number {
  const { times, types, abbreviationBytes, leaps, standards, universals } = header;
  return times * (timeBytes + 1) + types * 6 + abbreviationBytes + leaps * (timeBytes + 4) + standards + universals;
}

function footerOf(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0x0a, at + 1);
  if (bytes[at] !== 0x0a || end === -1) throw new Error("found TZif that is cut short");
  const text = String.fromCharCode(...bytes.subarray(at + 1, end));
  if (text !== "" && parsePosixRule(text) === null) {
    throw new Error(`found the rule ${JSON.stringify(text)}, expected one of POSIX`);
  }
  return text;
}
