/**
 * Numbers, instants and durations in a language, by `Intl`; instants always in the time zone given, never in the screen's own.
 * Times of day have 24 hours in every language, as shift plans have. Offsets of zones come from the server: a television's own may be years old.
 */
import type { ClockOffset } from "@oee/protocol";

export type Unit = "s" | "m" | "h" | "d";

export interface Format {
  /** 0.714 → `71.4 %`, as the language writes it; ratios from 10 on as `>999 %`. */
  readonly percent: (ratio: number) => string;
  /** Number and percent sign apart, for figures that draw the sign smaller; from 100 % on without decimals. */
  readonly percentParts: (ratio: number) => { readonly number: string; readonly sign: string };
  /** For axes: `95 %`, with decimals only where the value has some: `0.5 %`, `0.25 %`. */
  readonly percentShort: (ratio: number) => string;
  /** `95 %`, without decimals. */
  readonly percentWhole: (ratio: number) => string;
  /** A difference of shares in points (0.019 → `1.9`); one that is not 0 and rounds to it is `<0.1`. */
  readonly points: (ratio: number) => string;
  readonly whole: (value: number) => string;
  /** Whole below a million, else shortened (`123.5M`): for narrow places, where a number that is cut off would be read as another. */
  readonly brief: (value: number) => string;
  /**
   * A quantity with its decimals (CN-5), fewer for a large one: at most six digits in all; from a million on shortened
   * as `brief` does.
   */
  readonly amount: (value: number, decimals: number) => string;
  /** As `amount`, with a sign. */
  readonly signed: (value: number, decimals: number) => string;
  /** Ticking time: `0:12:33`, from a day on `1 day 04:12`. */
  readonly timer: (ms: number) => string;
  /** A duration that does not tick, in its two largest units: `1 h 12 min`, `7 min 40 s`, `12 s`. */
  readonly duration: (ms: number) => string;
  /** A short duration: `38 ms`, from a second on `1.2 s`, then as `duration`; negative where two clocks differ. */
  readonly latency: (ms: number) => string;
  readonly quantity: (value: number, unit: Unit) => string;
  readonly timeOfDay: (at: number, timezone: string) => string;
  readonly clock: (at: number, timezone: string) => string;
  /** `at` (epoch ms): its time of day, with the date where that is not the date of `now`, and with the year where that is another. */
  readonly instant: (at: number, now: number, timezone: string) => string;
  /** As `instant`, with seconds. */
  readonly clockInstant: (at: number, now: number, timezone: string) => string;
  readonly date: (at: number, timezone: string) => string;
  /** The date with its year and without its weekday. */
  readonly day: (at: number, timezone: string) => string;
  /** As `day`, of a local date as the API writes it (`2026-03-02`). */
  readonly localDay: (date: string) => string;
  readonly minuteOfDay: (at: number, timezone: string) => number;
  /** The date as the API writes local dates: `2026-03-02`. */
  readonly isoDate: (at: number, timezone: string) => string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Most digits of a quantity, before and after the decimal point together. */
const AMOUNT_DIGITS_MAX = 6;

/** A ratio from 10 on comes of a wrong ideal cycle, and is shown as `>999 %`. */
const RATIO_SHOWN_BELOW = 10;

/** Offsets by zone, from `GET /plant`. Instants of a zone that is not among them are shown in UTC, and say so. */
export type ZoneOffsets = Readonly<Record<string, readonly ClockOffset[]>>;

export function createFormat(locale: string, zones: ZoneOffsets = {}): Format {
  const number = (options: Intl.NumberFormatOptions): (() => Intl.NumberFormat) =>
    lazy(() => new Intl.NumberFormat(locale, options));
  const unit = (name: string): (() => Intl.NumberFormat) =>
    number({ style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: 0 });
  const percent = number({ style: "percent", maximumFractionDigits: 1, minimumFractionDigits: 1 });
  const percentShort = number({ style: "percent", maximumFractionDigits: 3 });
  const percentWhole = number({ style: "percent", maximumFractionDigits: 0 });
  const points = number({ maximumFractionDigits: 1, minimumFractionDigits: 1 });
  const whole = number({ maximumFractionDigits: 0 });
  const compact = number({ notation: "compact", maximumSignificantDigits: 4 });
  const amounts = Array.from({ length: AMOUNT_DIGITS_MAX + 1 }, (_, digits) => ({
    plain: number({ minimumFractionDigits: digits, maximumFractionDigits: digits }),
    signed: number({ minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "exceptZero" }),
  }));
  /** A quantity's text; `null`: rounded it is a million or more, and is to be shortened. */
  const amount = (value: number, decimals: number, how: "plain" | "signed"): string | null => {
    const size = Math.abs(value);
    const before = size < 1 ? 1 : Math.floor(Math.log10(size)) + 1;
    const digits = Math.max(0, Math.min(decimals, AMOUNT_DIGITS_MAX - before));
    const rounded = Number(value.toFixed(digits));
    return Math.abs(rounded) < 1e6 ? (amounts[digits]?.[how]().format(rounded) ?? null) : null;
  };
  const signedCompact = number({ notation: "compact", maximumSignificantDigits: 4, signDisplay: "exceptZero" });
  const milliseconds = unit("millisecond");
  const fineSeconds = number({ style: "unit", unit: "second", unitDisplay: "short", maximumFractionDigits: 1 });
  const localDay = lazy(() => new Intl.DateTimeFormat(locale, { ...STYLES.day, timeZone: "UTC" }));
  const units = { d: unit("day"), h: unit("hour"), m: unit("minute"), s: unit("second") };
  const dateText = zonedText(locale, zones);
  const both = (large: number, largeUnit: Unit, small: number, smallUnit: Unit): string => {
    const text = units[largeUnit]().format(large);
    return small === 0 ? text : `${text} ${units[smallUnit]().format(small)}`;
  };
  const duration = (ms: number): string => {
    const length = Math.max(0, ms);
    if (length >= DAY) return both(Math.floor(length / DAY), "d", Math.floor((length % DAY) / HOUR), "h");
    if (length >= HOUR) return both(Math.floor(length / HOUR), "h", Math.floor((length % HOUR) / MINUTE), "m");
    if (length >= MINUTE) return both(Math.floor(length / MINUTE), "m", Math.floor((length % MINUTE) / SECOND), "s");
    return units.s().format(Math.floor(length / SECOND));
  };
  /** Which parts of its date an instant needs beside its time of day. */
  const dating = (at: number, now: number, timezone: string): Dating => {
    const differs = (style: "day" | "year"): boolean =>
      dateText(style, at, timezone) !== dateText(style, now, timezone);
    return differs("year") ? "day year " : differs("day") ? "day " : "";
  };
  return {
    percent: (ratio) =>
      ratio < RATIO_SHOWN_BELOW ? percent().format(ratio) : `>${percentWhole().format(RATIO_SHOWN_BELOW - 0.01)}`,
    percentParts: (ratio) => {
      if (ratio >= RATIO_SHOWN_BELOW) return { number: `>${whole().format(RATIO_SHOWN_BELOW * 100 - 1)}`, sign: "%" };
      // A ratio that one decimal rounds to 100.0 would be a digit longer, and gets no decimal either.
      const parts = (ratio < 0.9995 ? percent : percentWhole)().formatToParts(ratio);
      const text = (sign: boolean): string =>
        parts
          .filter((part) => (part.type === "percentSign") === sign)
          .map((part) => part.value)
          .join("")
          .trim();
      return { number: text(false), sign: text(true) };
    },
    percentShort: (ratio) => percentShort().format(ratio),
    percentWhole: (ratio) => percentWhole().format(ratio),
    points: (ratio) => {
      const size = atLeast(Math.abs(ratio), 0.001, (share) => points().format(share * 100));
      return ratio < -NOTHING ? `−${size}` : size;
    },
    whole: (value) => whole().format(value),
    brief: (value) => (Math.abs(value) < 1e6 ? whole : compact)().format(value),
    amount: (value, decimals) => (amount(value, decimals, "plain") ?? compact().format(value)).replace("-", "−"),
    signed: (value, decimals) => (amount(value, decimals, "signed") ?? signedCompact().format(value)).replace("-", "−"),
    timer: (ms) => {
      const seconds = Math.max(0, Math.floor(ms / SECOND));
      const days = Math.floor(seconds / 86_400);
      const hours = Math.floor((seconds % 86_400) / 3_600);
      const minutes = two(Math.floor((seconds % 3_600) / 60));
      return days === 0
        ? `${hours}:${minutes}:${two(seconds % 60)}`
        : `${units.d().format(days)} ${two(hours)}:${minutes}`;
    },
    duration,
    latency: (ms) => {
      if (ms >= MINUTE) return duration(ms);
      const text = Math.abs(ms) < SECOND ? milliseconds().format(Math.round(ms)) : fineSeconds().format(ms / SECOND);
      return text.replace("-", "−");
    },
    quantity: (value, name) => units[name]().format(value),
    timeOfDay: (at, timezone) => dateText("time", at, timezone),
    clock: (at, timezone) => dateText("clock", at, timezone),
    instant: (at, now, timezone) => dateText(`${dating(at, now, timezone)}time`, at, timezone),
    clockInstant: (at, now, timezone) => dateText(`${dating(at, now, timezone)}clock`, at, timezone),
    date: (at, timezone) => dateText("date", at, timezone),
    day: (at, timezone) => dateText("day", at, timezone),
    localDay: (date) => localDay().format(Date.parse(date)),
    minuteOfDay: (at, timezone) => {
      const local = at + (offsetMsOf(zones[timezone], at) ?? 0);
      return Math.floor((((local % DAY) + DAY) % DAY) / MINUTE);
    },
    isoDate: (at, timezone) => new Date(at + (offsetMsOf(zones[timezone], at) ?? 0)).toISOString().slice(0, 10),
  };
}

/** Shares of less are what is left of computing with floating point numbers. */
const NOTHING = 1e-12;

/** The text of a size (0 or more). Where it is not 0 and would be written like it: `<` and the text of `least`, the least size that is not. */
export function atLeast(size: number, least: number, write: (size: number) => string): string {
  const text = write(size);
  return size < least && size > NOTHING && text === write(0) ? `<${write(least)}` : text;
}

/** The width of a text in letters, where a Chinese character counts as two. */
export function lettersOf(text: string): number {
  let letters = 0;
  for (const character of text) letters += character >= "\u2e80" ? 2 : 1;
  return letters;
}

/** A value that is made when it is first needed: making an `Intl` format takes milliseconds, on a slow television tens of them. */
function lazy<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** Which date is written before a time of day. */
type Dating = "" | "day " | "day year ";
type Style = "date" | "day" | "year" | `${Dating}${"time" | "clock"}`;

const TIME: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const CLOCK: Intl.DateTimeFormatOptions = { ...TIME, second: "2-digit" };
const DAY_OF_YEAR: Intl.DateTimeFormatOptions = { month: "short", day: "numeric" };
const YEAR: Intl.DateTimeFormatOptions = { year: "numeric" };

const STYLES: Readonly<Record<Style, Intl.DateTimeFormatOptions>> = {
  date: { weekday: "short", ...DAY_OF_YEAR },
  day: { ...DAY_OF_YEAR, ...YEAR },
  year: YEAR,
  time: TIME,
  clock: CLOCK,
  "day time": { ...DAY_OF_YEAR, ...TIME },
  "day clock": { ...DAY_OF_YEAR, ...CLOCK },
  "day year time": { ...DAY_OF_YEAR, ...YEAR, ...TIME },
  "day year clock": { ...DAY_OF_YEAR, ...YEAR, ...CLOCK },
};

/** Writes an instant of a zone: it is moved by the zone's offset and written as UTC, so that `Intl` gives words and order alone. */
function zonedText(locale: string, zones: ZoneOffsets): (style: Style, at: number, timezone: string) => string {
  const made = new Map<string, Intl.DateTimeFormat>();
  const formatOf = (style: Style, named: boolean): Intl.DateTimeFormat => {
    const key = `${style} ${named}`;
    let format = made.get(key);
    if (format === undefined) {
      const name = named ? { timeZoneName: "short" as const } : {};
      format = new Intl.DateTimeFormat(locale, { ...STYLES[style], ...name, timeZone: "UTC" });
      made.set(key, format);
    }
    return format;
  };
  return (style, at, timezone) => {
    const offsetMs = offsetMsOf(zones[timezone], at);
    if (offsetMs === null) return formatOf(style, style !== "date").format(at);
    return formatOf(style, false).format(at + offsetMs);
  };
}

/** The offset from UTC at an instant (ms); `null`: the zone is unknown. */
function offsetMsOf(offsets: readonly ClockOffset[] | undefined, at: number): number | null {
  let found = offsets?.[0]?.offsetMs ?? null;
  for (const { from, offsetMs } of offsets ?? []) if (from <= at) found = offsetMs;
  return found;
}
