/** Quantities as people read them. Exact values are in JSON, CSV and Arrow. */
import { localMsOf } from "@oee/calendar";
import type { Plant, Zone } from "@oee/model";

export const DASH = "–";

/** `83.2 %` */
export function percent(ratio: number | null): string {
  return ratio === null ? DASH : `${(ratio * 100).toFixed(1)} %`;
}

/** `1,234` or `1,234.5` */
export function amount(value: number | null, decimals: number): string {
  if (value === null) return DASH;
  // Loading V8's rules of languages takes as long as writing thousands of numbers.
  if (decimals === 0 && Number.isSafeInteger(value)) return grouped(String(value));
  return value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** `1,234.50` of a decimal text, each of its digits. */
export function decimal(text: string | null): string {
  if (text === null) return DASH;
  const [whole = "", fraction] = text.split(".");
  return fraction === undefined ? grouped(whole) : `${grouped(whole)}.${fraction}`;
}

function grouped(digits: string): string {
  return digits.replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1 file`, `2,998 events` */
export function counted(count: number, noun: string): string {
  return `${amount(count, 0)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `389 kB`, `1.2 GB` */
export function size(bytes: number): string {
  for (const { unit, bytes: unitBytes } of SIZES) {
    if (bytes >= unitBytes) return `${amount(bytes / unitBytes, bytes < 10 * unitBytes ? 1 : 0)} ${unit}`;
  }
  return counted(bytes, "byte");
}

const SIZES: readonly { readonly unit: string; readonly bytes: number }[] = [
  { unit: "GB", bytes: 1e9 },
  { unit: "MB", bytes: 1e6 },
  { unit: "kB", bytes: 1e3 },
];

const UNITS: readonly { readonly unit: string; readonly ms: number }[] = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
  { unit: "s", ms: 1000 },
];

/** The two largest units, rounded to the smaller: `2 h 14 min`, `1 min 30 s`, `45 s`; below a second `350 ms`. */
export function duration(ms: number | null): string {
  if (ms === null) return DASH;
  if (ms < 999.5) return ms === 0 ? "0 s" : `${Math.round(ms)} ms`;
  const largest = UNITS.findIndex((unit) => ms >= unit.ms);
  const smaller = UNITS[largest === -1 ? UNITS.length - 1 : Math.min(largest + 1, UNITS.length - 1)];
  const rounded = Math.round(ms / (smaller?.ms ?? 1)) * (smaller?.ms ?? 1);
  let rest = rounded;
  const parts: string[] = [];
  for (const { unit, ms: unitMs } of UNITS) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(" ");
}

/** Instants by the wall clocks of their scopes. */
export interface LocalTimes {
  /** Names the zone where all scopes have the same. */
  readonly title: (text: string) => string;
  /** `2026-03-02 06:00`, with seconds where there are any. */
  readonly timeOf: (scope: string, instant: number) => string;
  /** The zone of a scope; `null` where the titles name it. */
  readonly zoneOf: (scope: string) => string | null;
}

export function localTimes(plant: Plant): LocalTimes {
  const zones = new Set([...plant.scopes.values()].map(({ timezone }) => timezone));
  const shared = zones.size === 1 ? plant.timezone.name : null;
  const zoneOf = (scope: string): Zone => plant.scopes.get(scope)?.timezone ?? plant.timezone;
  return {
    title: (text) => (shared === null ? text : `${text} (${shared})`),
    timeOf: (scope, instant) => {
      const text = new Date(localMsOf(zoneOf(scope), instant)).toISOString();
      return `${text.slice(0, 10)} ${text.slice(11, text.slice(17, 19) === "00" ? 16 : 19)}`;
    },
    zoneOf: (scope) => (shared === null ? zoneOf(scope).name : null),
  };
}
