/**
 * Instants (P-2): RFC 3339 texts to epoch milliseconds and back. Seconds may be missing, a fraction of any length is cut
 * to its millisecond, `t` and `z` may be lower-case. There is one reading of the grammar, over bytes: the event decoder's
 * fast path and every other reader of instants come here.
 */

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;
/** The furthest from 1970 that a date can be. */
const DATE_MAX_MS = 8.64e15;

const DAYS_IN_MONTH = new Uint8Array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);

/** Longer texts (a long fraction) are rare enough to pay for memory of their own. */
const SCRATCH_BYTES = 40;
const scratch = new Uint8Array(SCRATCH_BYTES);

/** The date read last: instants that come together mostly share it. */
let latestDate = -1;
let latestDateMs = 0;

const TWO_DIGITS = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, "0"));
/** The day written last. */
let formattedDay = Number.NaN;
let formattedDate = "";

/** Epoch milliseconds of an RFC 3339 text, or `null` when it is none, or names no real date or time of day. */
export function parseInstant(text: string): number | null {
  const bytes = text.length <= SCRATCH_BYTES ? scratch : new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return null;
    bytes[i] = code;
  }
  const instant = parseInstantBytes(bytes, 0, text.length);
  return Number.isNaN(instant) ? null : instant;
}

/** Epoch milliseconds of a parsed JSON value: an RFC 3339 text, or whole epoch milliseconds that are a date; `null`: it is neither. */
export function instantIn(value: unknown): number | null {
  if (typeof value === "number") return Number.isInteger(value) && isInstant(value) ? value : null;
  return typeof value === "string" ? parseInstant(value) : null;
}

/** Whether a number is one that `formatInstant` writes. */
export function isInstant(ms: number): boolean {
  return Math.abs(ms) <= DATE_MAX_MS;
}

/** Epoch milliseconds as the product writes them: `2026-03-02T05:00:00.000Z`. Throws RangeError beyond ±8.64e15. */
export function formatInstant(ms: number): string {
  if (!isInstant(ms)) throw new RangeError(`${ms} is no instant`);
  const whole = Math.trunc(ms);
  const day = Math.floor(whole / MS_PER_DAY);
  if (day !== formattedDay) {
    const midnight = new Date(day * MS_PER_DAY).toISOString();
    formattedDate = midnight.slice(0, midnight.indexOf("T") + 1);
    formattedDay = day;
  }
  const ofDay = whole - day * MS_PER_DAY;
  const seconds = (ofDay / 1000) | 0;
  const minutes = (seconds / 60) | 0;
  const fraction = ofDay - seconds * 1000 + 1000;
  return `${formattedDate}${TWO_DIGITS[(minutes / 60) | 0]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}.${String(fraction).slice(1)}Z`;
}

/** The same as `parseInstant` for the ASCII text in `bytes[start, end)`; NaN instead of `null`. Allocates nothing. */
export function parseInstantBytes(bytes: Uint8Array, start: number, end: number): number {
  // yyyy-mm-ddThh:mmZ is the shortest.
  if (end - start < 17) return Number.NaN;
  if (bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d || bytes[start + 13] !== 0x3a) return Number.NaN;
  if (((bytes[start + 10] ?? 0) | 0x20) !== 0x74) return Number.NaN;
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  const hour = twoDigits(bytes, start + 11);
  const minute = twoDigits(bytes, start + 14);
  // A pair that is no number is negative, and so is what holds one.
  if ((year | month | day | hour | minute) < 0 || hour > 23 || minute > 59) return Number.NaN;
  const date = (year << 9) | (month << 5) | day;
  if (date !== latestDate || month > 12 || day > 31) {
    if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return Number.NaN;
    latestDate = date;
    latestDateMs = daysSince1970(year, month, day) * MS_PER_DAY;
  }

  let position = start + 16;
  let second = 0;
  let ms = 0;
  if (bytes[position] === 0x3a) {
    second = position + 3 < end ? twoDigits(bytes, position + 1) : -1;
    if (second < 0 || second > 59) return Number.NaN;
    position += 3;
    if (bytes[position] === 0x2e) {
      const first = ++position;
      let weight = 100;
      for (; position < end && isDigit(bytes[position] ?? 0); position++) {
        ms += ((bytes[position] ?? 0) - 0x30) * weight;
        weight = (weight / 10) | 0;
      }
      if (position === first) return Number.NaN;
    }
  }
  if (position >= end) return Number.NaN;
  const offset = offsetMinutes(bytes, position, end);
  if (offset === INVALID_OFFSET) return Number.NaN;
  return latestDateMs + (hour * 60 + minute - offset) * MS_PER_MINUTE + second * 1000 + ms;
}

const INVALID_OFFSET = 1440;

/** Minutes east of UTC of `Z` or `±hh:mm`, which must reach to `end`. */
function offsetMinutes(bytes: Uint8Array, position: number, end: number): number {
  const sign = bytes[position] ?? 0;
  if ((sign | 0x20) === 0x7a) return position + 1 === end ? 0 : INVALID_OFFSET;
  if ((sign !== 0x2b && sign !== 0x2d) || position + 6 !== end || bytes[position + 3] !== 0x3a) return INVALID_OFFSET;
  const hours = twoDigits(bytes, position + 1);
  const minutes = twoDigits(bytes, position + 4);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return INVALID_OFFSET;
  return sign === 0x2b ? hours * 60 + minutes : -(hours * 60 + minutes);
}

/** The number of two digits, or one so negative that it stays below 0 with another pair added. */
function twoDigits(bytes: Uint8Array, position: number): number {
  const tens = bytes[position] ?? 0;
  const units = bytes[position + 1] ?? 0;
  return isDigit(tens) && isDigit(units) ? (tens - 0x30) * 10 + (units - 0x30) : -10_000;
}

function isDigit(code: number): boolean {
  return (code - 0x30) >>> 0 <= 9;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) return 29;
  return DAYS_IN_MONTH[month - 1] ?? 0;
}

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar; years start in March, so that leap days end them. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = month > 2 ? month - 3 : month + 9;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = (((153 * marchMonth + 2) / 5) | 0) + day - 1;
  const dayOfEra = yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
