/** Quantities as people read them. Exact values are in JSON, CSV and Arrow. */
import { localMsOf } from "@oee/engine";
import type { Plant } from "@oee/model";

export const DASH = "–";

/** `83.2 %` */
export function percent(ratio: number | null): string {
  return ratio === null ? DASH : `${(ratio * 100).toFixed(1)} %`;
}

/** `1,234` or `1,234.5` */
export function amount(value: number | null, decimals: number): string {
  if (value === null) return DASH;
  return value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

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

/** Instants by the wall clocks of their scopes. Where all have one zone its name is in the titles, else at each time. */
export function localTimes(plant: Plant): {
  readonly title: (text: string) => string;
  /** `2026-03-02 06:00`, with seconds where there are any. */
  readonly timeOf: (scope: string, instant: number) => string;
} {
  const zones = new Set([...plant.scopes.values()].map(({ timezone }) => timezone));
  const [only] = zones.size === 1 ? zones : [];
  return {
    title: (text) => (only === undefined ? text : `${text} (${only})`),
    timeOf: (scope, instant) => {
      const zone = plant.scopes.get(scope)?.timezone ?? plant.timezone;
      const text = new Date(localMsOf(zone, instant)).toISOString();
      const time = `${text.slice(0, 10)} ${text.slice(11, text.slice(17, 19) === "00" ? 16 : 19)}`;
      return only === undefined ? `${time} ${zone}` : time;
    },
  };
}
