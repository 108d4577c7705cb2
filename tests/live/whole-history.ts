/** Compares stored rows and stops with those of the whole history of each machine, one by one. */
import { doubtsWithin, MachineHistory, PlantModel } from "@oee/engine";
import { type DoubtedTotal, EventDecoder, isRefusal, type Plant, type Row, type StopSegment } from "@oee/model";
import type { Store } from "@oee/store";
import { expect } from "vitest";
import type { Line } from "./rough-history.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export interface WholeHistory {
  readonly plant: Plant;
  /** The events in the order of the log. */
  readonly lines: readonly Pick<Line, "machine" | "fields">[];
  /** The span outside of which nothing is stored. */
  readonly start: number;
  readonly end: number;
}

/** The stored rows, stops and doubted totals of every machine are those of its whole history at `end`. */
export async function expectWhole(
  store: Store,
  { plant, lines, start, end }: WholeHistory,
  what: string,
): Promise<void> {
  const decoder = new EventDecoder(plant, { maxFutureMs: 300_000 });
  const model = new PlantModel(plant);
  for (const machine of plant.machines) {
    const history = new MachineHistory(model, machine);
    let first = Infinity;
    for (const { machine: of, fields } of lines) {
      if (of !== machine.id) continue;
      const bytes = Buffer.from(JSON.stringify({ machine: of, ...fields }));
      const event = decoder.decode(bytes, 0, bytes.length, null);
      if (isRefusal(event)) throw new Error(event.detail);
      history.accept(event);
      first = Math.min(first, event.type === "correction" ? event.from : event.at);
    }
    const from = Math.floor(first / MINUTE_MS) * MINUTE_MS;
    const whole = history.evaluate({ from, to: end, now: end, cuts: "minutes" });
    const period = { from: start - DAY_MS, to: end + DAY_MS };
    const stored: Row[] = [];
    for await (const rows of store.rows({ machines: [machine.id], period })) {
      stored.push(...rows.map(({ version: _, plantVersion: __, ...row }) => row));
    }
    expect(inOrder(stored), `${what}: rows of ${machine.id}`).toEqual(inOrder(whole.rows));
    const { stops } = await store.stops({ machines: [machine.id], period, limit: 10_000 });
    const byTime = [...stops].sort((a: StopSegment, b: StopSegment) => a.from - b.from);
    expect(byTime, `${what}: stops of ${machine.id}`).toEqual(whole.stops);
    const doubted = doubtsWithin(machine.id, whole.doubted, -Infinity, end);
    const storedDoubts = await store.doubtedTotals({ machines: [machine.id], period });
    expect(storedDoubts.map(nameOf), `${what}: doubted totals of ${machine.id}`).toEqual(doubted.map(nameOf).sort());
  }
}

function nameOf({ at, quantity }: DoubtedTotal): string {
  return `${new Date(at).toISOString()} ${quantity}`;
}

function inOrder(rows: readonly Row[]): Row[] {
  const key = (row: Row): string => JSON.stringify([row.product, row.shift, row.shiftDate]);
  return [...rows].sort((a, b) => a.from - b.from || (key(a) < key(b) ? -1 : 1));
}
