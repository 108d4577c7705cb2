/**
 * Answers the Pareto of stops by reason, state or machine: the store sums the segments inside the period, and those that
 * cross its ends are cut here by the calendar. Stops are of all machines below a scope, as in `GET /stops`.
 */
import type { PlantModel } from "@oee/engine";
import type { Machine, Plant, ReasonNode, ReasonTree, Scope, StopSegment } from "@oee/model";
import type { ParetoElement } from "@oee/protocol";
import { GiveWay, type Pareto, type ParetoKey, type Period, type Store } from "@oee/store";
import type { Turnstile } from "../turnstile.ts";
import { goingOn, type RecordOf } from "./open-stops.ts";
import { scheduledMsOf } from "./scheduled-time.ts";

const HOUR_MS = 3_600_000;

/** By time, the longest first; then by code points of the key. */
export async function paretoAnswer(
  sources: { readonly store: Pick<Store, "pareto">; readonly turnstile: Turnstile; readonly recordOf: RecordOf },
  model: PlantModel,
  scope: Scope,
  period: Period,
  by: ParetoKey,
): Promise<ParetoElement[]> {
  const machines = scope.machines.map(({ id }) => id);
  // The machine too, whose rate the cost follows from.
  const keys: ParetoKey[] = by === "machine" ? ["machine"] : [by, "machine"];
  const { bars: inside, crossing } = await sources.turnstile.run(() =>
    sources.store.pareto({ machines, period, by: keys }),
  );
  const giveWay = new GiveWay();
  const bars = new Map<string | null, Bar>();
  for await (const { machine, time, ...rest } of partsOf(inside, crossing, model, period, sources.recordOf, giveWay)) {
    if (giveWay.due) await giveWay.now();
    const known = model.plant.machineById.get(machine);
    if (known === undefined || time === 0) continue;
    const key = by === "machine" ? machine : rest[by];
    let bar = bars.get(key);
    if (bar === undefined) bars.set(key, (bar = new Bar()));
    bar.add(known, rest.minor, rest.segments, time);
  }
  const elements: ParetoElement[] = [];
  for (const [key, bar] of bars) {
    elements.push(bar.element(key, nameOf(model.plant, by, key)));
    if (giveWay.due) await giveWay.now();
  }
  return elements.sort(
    (a, b) => b.time - a.time || b.minorTime - a.minorTime || ((a.key ?? "") < (b.key ?? "") ? -1 : 1),
  );
}

interface Part {
  readonly machine: string;
  readonly reason: string | null;
  readonly state: string | null;
  readonly minor: boolean;
  readonly segments: number;
  /** Scheduled ms. */
  readonly time: number;
}

async function* partsOf(
  bars: Pareto["bars"],
  crossing: readonly StopSegment[],
  model: PlantModel,
  period: Period,
  recordOf: RecordOf,
  giveWay: GiveWay,
): AsyncIterable<Part> {
  for (const { machine, reason, state, minor, segments, scheduledDurationMs } of bars) {
    if (machine !== null) yield { machine, reason, state, minor, segments, time: Number(scheduledDurationMs) };
  }
  for (const segment of crossing) {
    const { machine, reason, state, minor, from, to } = await goingOn(model, segment, period.to, recordOf, giveWay);
    const known = model.plant.machineById.get(machine);
    if (known === undefined) continue;
    const time = await scheduledMsOf(known, Math.max(from, period.from), Math.min(to, period.to), giveWay);
    yield { machine, reason, state, minor, segments: 1, time };
  }
}

class Bar {
  #time = 0;
  #count = 0;
  #minorTime = 0;
  #minorCount = 0;
  /** Time (ms) by rate: summed by rate first, so that the cost does not depend on the order. */
  readonly #timeByRate = new Map<number, number>();

  add({ costPerHour }: Machine, minor: boolean, segments: number, time: number): void {
    if (minor) {
      this.#minorTime += time;
      this.#minorCount += segments;
      return;
    }
    this.#time += time;
    this.#count += segments;
    if (costPerHour !== null) this.#timeByRate.set(costPerHour, (this.#timeByRate.get(costPerHour) ?? 0) + time);
  }

  element(key: string | null, name: string | null): ParetoElement {
    const rates = [...this.#timeByRate].sort(([a], [b]) => a - b);
    const cost = rates.length === 0 ? null : rates.reduce((sum, [rate, time]) => sum + (time * rate) / HOUR_MS, 0);
    return {
      key,
      name,
      time: this.#time,
      count: this.#count,
      cost,
      minorTime: this.#minorTime,
      minorCount: this.#minorCount,
    };
  }
}

function nameOf(plant: Plant, by: ParetoKey, key: string | null): string | null {
  if (key === null) return null;
  if (by === "machine") return plant.machineById.get(key)?.name ?? key;
  return by === "reason" ? reasonNameOf(plant.reasons, key) : key;
}

/** The name in the reason tree, else the last part of the path. */
export function reasonNameOf(reasons: ReasonTree, path: string): string {
  const parts = path.split("/");
  let node: ReasonNode | undefined;
  for (const [i, part] of parts.entries()) node = (i === 0 ? reasons : node)?.children.get(part);
  return node?.name ?? parts.at(-1) ?? path;
}
