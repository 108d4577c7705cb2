/**
 * What a sample of events says of each machine: the states seen, the usual time between counts with the settings that
 * would fit it (`pulseGap`, `maxRatePerHour`), counters that fell, and machines of which nothing came.
 */
import { rolledOver } from "@oee/engine";
import type { CountEvent, Machine, Plant, PlantEvent, TotalEvent } from "@oee/model";
import { amount, counted, duration, type LocalTimes, localTimes } from "./output/for-people.ts";

/** Instants of so many counts are held, of all machines together. */
const COUNTS_MAX = 2_000_000;
/** Machines that get lines of their own. */
const MACHINES_SHOWN_MAX = 50;
const SILENT_SHOWN_MAX = 10;
/** Gaps from which a usual one can be told. */
const GAPS_MIN = 5;
/** Bars of the histogram: multiples of the usual gap. */
const MULTIPLES = [1.5, 3, 6, 12];
const HOUR_MS = 3_600_000;
const HOUR_US = 1000 * HOUR_MS;
const QUANTITIES = ["good", "scrap", "rework", "produced"] as const;

interface Seen {
  readonly machine: Machine;
  readonly states: Set<string>;
  /** Instants at which something was counted, as they came, and how much it was. */
  readonly counts: { readonly at: number; readonly units: number }[];
  readonly totals: Map<string, { readonly at: number; readonly value: number }>;
  falls: number;
}

export class SampleMachines {
  readonly #plant: Plant;
  readonly #seen = new Map<Machine, Seen>();
  #held = 0;

  constructor(plant: Plant) {
    this.#plant = plant;
  }

  take(event: PlantEvent): void {
    const seen = this.#of(event.machine);
    if (event.type === "state") seen.states.add(event.state);
    if (event.type !== "count" && event.type !== "total") return;
    const units = event.type === "count" ? brought(event) : this.#grown(seen, event);
    if (units <= 0 || this.#held >= COUNTS_MAX) return;
    this.#held++;
    seen.counts.push({ at: event.at, units });
  }

  lines(): readonly string[] {
    const times = localTimes(this.#plant);
    const lines = [...this.#seen.values()].slice(0, MACHINES_SHOWN_MAX).flatMap((seen) => linesOf(seen, times));
    if (this.#seen.size > MACHINES_SHOWN_MAX) {
      lines.push(`and ${counted(this.#seen.size - MACHINES_SHOWN_MAX, "more machine")} of which nothing is shown here`);
    }
    const silent = this.#plant.machines.filter((machine) => !this.#seen.has(machine));
    if (silent.length > 0) {
      const names = silent.slice(0, SILENT_SHOWN_MAX).map(({ id }) => id);
      const more = silent.length > names.length ? ", …" : "";
      lines.push(`nothing of ${counted(silent.length, "machine")}: ${names.join(", ")}${more}`);
    }
    return lines;
  }

  #of(machine: Machine): Seen {
    let seen = this.#seen.get(machine);
    if (seen === undefined) {
      seen = { machine, states: new Set(), counts: [], totals: new Map(), falls: 0 };
      this.#seen.set(machine, seen);
    }
    return seen;
  }

  /** By how much totals rose since the ones before, or rolled over; any other fall is noted, and counts nothing here. */
  #grown(seen: Seen, event: TotalEvent): number {
    let units = 0;
    for (const quantity of QUANTITIES) {
      const value = event[quantity];
      if (value === null) continue;
      const before = seen.totals.get(quantity);
      if (before !== undefined && event.at < before.at) continue;
      if (before !== undefined) {
        const { rolloverAt } = seen.machine;
        const grown = value < before.value ? rolledOver(before.value, value, rolloverAt) : value - before.value;
        if (grown === null) seen.falls++;
        else units = Math.max(units, grown);
      }
      seen.totals.set(quantity, { at: event.at, value });
    }
    return units;
  }
}

function brought({ good, scrap, rework }: CountEvent): number {
  return (good ?? 0) + (scrap ?? 0) + (rework ?? 0);
}

function linesOf(seen: Seen, { timeOf }: LocalTimes): readonly string[] {
  const { id, idealCycleUs, pulseGapMs, maxRateMillionths, decimals, piecesPerCount } = seen.machine;
  const lines: string[] = [];
  if (seen.states.size > 0) lines.push(`${id}: states ${[...seen.states].join(", ")}`);
  else if (seen.counts.length > 0) {
    const hint =
      pulseGapMs === null ? (idealCycleUs === null ? "" : "; pulseGap would have its counts tell when it runs") : "";
    lines.push(`${id}: counts and no states${hint}`);
  }
  if (seen.falls > 0) {
    const hint = maxRateMillionths === null ? "; maxRatePerHour would doubt those that cannot be" : "";
    lines.push(`${id}: totals fell ${counted(seen.falls, "time")}${hint}`);
  }
  const counts = seen.counts.toSorted((a, b) => a.at - b.at);
  const gaps = counts.slice(1).map(({ at }, i) => at - (counts[i]?.at ?? at));
  const between = gaps.filter((gap) => gap > 0).toSorted((a, b) => a - b);
  if (between.length < GAPS_MIN) return lines;
  const usual = quantile(between, 0.5);
  const bars = [...MULTIPLES, Infinity].map((multiple, i) => {
    const [low, high] = [(MULTIPLES[i - 1] ?? 0) * usual, multiple * usual];
    const number = between.filter((gap) => gap > low && gap <= high).length;
    return `${multiple === Infinity ? `longer` : `up to ${duration(Math.round(high))}`} ${number}`;
  });
  lines.push(`${id}: ${duration(usual)} between counts, mostly (${bars.join(", ")})`);
  const longest = between.at(-1) ?? usual;
  if (longest > usual * (MULTIPLES.at(-1) ?? 1)) {
    const from = counts[gaps.indexOf(longest)]?.at ?? 0;
    lines.push(`${id}: the longest time without a count: ${duration(longest)} from ${timeOf(id, from)} on`);
  }
  const units = quantile(
    counts.map(({ units: each }) => each).toSorted((a, b) => a - b),
    0.5,
  );
  // Two counts may be missed, and a machine may run twice as fast as it usually does.
  const gapSeconds = Math.max(1, Math.ceil((3 * Math.max(usual, quantile(between, 0.75))) / 1000));
  const usualRate = (units * HOUR_MS) / usual / 10 ** decimals;
  // As the counter shows it (CN-8): a count of 1 is several pieces. Below it true totals would be doubted.
  const idealRate = idealCycleUs === null ? 0 : HOUR_US / idealCycleUs / piecesPerCount;
  const rate = Math.ceil(Math.max(2 * usualRate, idealRate));
  lines.push(
    `${id}: to try: pulseGap: ${gapSeconds}s, maxRatePerHour: ${rate} (about ${amount(usualRate, 0)} an hour are usual)`,
  );
  return lines;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
