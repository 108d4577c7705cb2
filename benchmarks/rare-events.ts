/** Unusual events: with the most extreme values of each field, and of the oldest and newest instants. */
import { IDEAL_TIME_US_MAX, QUANTITY_MAX, TEXT_MAX } from "@oee/model";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Distances from now that are just within `maxPast` and `maxFuture` (DI-2). */
const OLDEST_MS = 400 * DAY_MS - HOUR_MS;
const NEWEST_MS = 5 * MINUTE_MS - 1_000;
const LONG = "x".repeat(TEXT_MAX);

type Rare = readonly object[];

/** Events with extreme values, of a machine at an instant (epoch ms). Some of them are refused. */
export function extremeEvents(machine: string, now: number, i: number): Rare {
  const at = now - (i % 50) * 1_000;
  const sign = i % 2 === 0 ? 1 : -1;
  return [
    { type: "count", machine, at, good: sign * QUANTITY_MAX, scrap: QUANTITY_MAX, rework: -QUANTITY_MAX },
    { type: "count", machine, at, good: Number.MAX_SAFE_INTEGER },
    { type: "total", machine, at, good: i % 3 === 0 ? Number.MAX_SAFE_INTEGER : 0 },
    { type: "job", machine, at, order: LONG, product: LONG, idealCycleSeconds: IDEAL_TIME_US_MAX / 1e6 },
    { type: "state", machine, at, state: "down", reason: LONG, id: `${LONG.slice(0, 100)}${now}` },
    { type: "correction", machine, from: at - DAY_MS, to: at, reason: LONG, by: LONG, id: `c${now}` },
  ];
}

/** Events of a machine at the oldest and newest instants, one kind after another. */
export function instantEvents(machine: string, now: number, i: number): Rare {
  const instants = [now - OLDEST_MS, now - 30 * DAY_MS, now - 25 * HOUR_MS, now - 20 * HOUR_MS, now - 59 * MINUTE_MS];
  const at = [...instants, now + NEWEST_MS, Date.UTC(2000, 0, 1), Date.UTC(2099, 11, 31)][i % 8] ?? now;
  return [
    { type: "state", machine, at, state: i % 2 === 0 ? "running" : "down" },
    { type: "count", machine, at, good: 1 },
    ...(i % 16 === 0
      ? [{ type: "correction", machine, from: now - OLDEST_MS, to: now, reason: "x", id: `i${now}` }]
      : []),
  ];
}
