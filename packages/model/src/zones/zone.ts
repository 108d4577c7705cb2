/**
 * One IANA time zone: how far its clocks are ahead of UTC at any instant. Built from listed changes and the rule that
 * holds after them; read by binary search in typed arrays, about as fast as an array access where instants come in order.
 * Rules are of 1970 and later, as IANA vouches for them; earlier instants have the offset of 1970.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { changesOfYear, parsePosixRule } from "./posix-rule.ts";

/** What a database says of a zone. */
export interface ZoneRules {
  /** Offset before the first change (ms east of UTC). */
  readonly firstOffsetMs: number;
  /** From when (epoch ms, ascending) clocks show which offset (ms). */
  readonly changes: readonly (readonly [number, number])[];
  /** What holds after the last of these, as POSIX writes it; empty for no change any more. */
  readonly rule: string;
}

/** The rule's years are worked out up to here, and 400 more: after that the Gregorian calendar, and the rule with it, repeats. */
const LISTED_TO_YEAR = 2100;
const CYCLE_YEARS = 400;
const CYCLE_MS = 146_097 * 86_400_000;

export class Zone {
  /** As IANA writes it. */
  readonly name: string;
  readonly #starts: Float64Array;
  readonly #offsets: Float64Array;
  /** From here on instants are read one or more cycles earlier. */
  readonly #end: number;
  #latest = 0;
  #digest: string | null = null;

  constructor(name: string, rules: ZoneRules) {
    this.name = name;
    const { starts, offsets, end } = workedOut(rules);
    this.#starts = Float64Array.from(starts);
    this.#offsets = Float64Array.from(offsets);
    this.#end = end;
  }

  /** How far the zone's clocks are ahead of UTC at an instant (ms). */
  offsetMs(instant: number): number {
    const starts = this.#starts;
    const at = instant < this.#end ? instant : instant - CYCLE_MS * Math.ceil((instant - this.#end + 1) / CYCLE_MS);
    let low = this.#latest;
    if (at >= (starts[low] ?? 0) && (low + 1 === starts.length || at < (starts[low + 1] ?? 0))) {
      return this.#offsets[low] ?? 0;
    }
    low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    this.#latest = low;
    return this.#offsets[low] ?? 0;
  }

  /** The offset at `from`, then each change before `to`: `[from when (epoch ms), offset (ms)]`, by time. */
  offsets(from: number, to: number): readonly (readonly [number, number])[] {
    const found: (readonly [number, number])[] = [[from, this.offsetMs(from)]];
    for (const [i, start] of this.#starts.entries()) {
      if (start > from && start < to) found.push([start, this.#offsets[i] ?? 0]);
    }
    return found;
  }

  /** Equal for zones whose clocks show the same from 1970 on, whatever their names and the form of their rules. */
  get digest(): string {
    this.#digest ??= bytesToHex(sha256(utf8ToBytes(JSON.stringify([[...this.#starts], [...this.#offsets]])))).slice(
      0,
      24,
    );
    return this.#digest;
  }
}

interface WorkedOut {
  readonly starts: readonly number[];
  readonly offsets: readonly number[];
  readonly end: number;
}

/** Every change up to `end`, those that change no offset left out, so that equal clocks have equal arrays. */
function workedOut({ firstOffsetMs, changes, rule: text }: ZoneRules): WorkedOut {
  const rule = parsePosixRule(text);
  const starts = [-Infinity];
  const offsets = [firstOffsetMs];
  const add = (start: number, offset: number): void => {
    if (start <= 0) {
      offsets[0] = offset;
    } else if (offset !== offsets[offsets.length - 1]) {
      starts.push(start);
      offsets.push(offset);
    }
  };
  for (const [start, offset] of changes) add(start, offset);
  const last = changes[changes.length - 1]?.[0] ?? -Infinity;
  const firstYear = Math.max(1970, Number.isFinite(last) ? new Date(last).getUTCFullYear() : 1970);
  const endYear = Math.max(LISTED_TO_YEAR, firstYear + 1) + CYCLE_YEARS;
  if (rule !== null && rule.summer === null) add(Math.max(1, last + 1), rule.standardMs);
  for (let year = firstYear; rule !== null && year < endYear; year++) {
    for (const [start, offset] of changesOfYear(rule, year)) if (start > last) add(start, offset);
  }
  return { starts, offsets, end: Date.UTC(endYear, 0, 1) };
}
