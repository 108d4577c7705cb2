/** One machine's rows and stops of a span, computed anew from stored raw events by the engine that serves live data. */
import { MachineHistory, type PlantModel } from "@oee/engine";
import { EventDecoder, isRefusal, type Machine, type Row, type StopSegment, TIME_COMPONENT_NAMES } from "@oee/model";
import type { Store, StoredRow } from "@oee/store";
import { MINUTE_MS } from "./stored-span.ts";

export interface Recomputed {
  readonly rows: readonly Row[];
  readonly stops: readonly StopSegment[];
  readonly stored: readonly StoredRow[];
  readonly storedStops: readonly StopSegment[];
  /** Up to where the stored rows know the machine. */
  readonly knownTo: number;
  /** The span that both cover. */
  readonly from: number;
  readonly to: number;
}

/** `null` where nothing is stored of the machine. Throws `StoreError`. */
export async function recomputeMachine(
  store: Store,
  model: PlantModel,
  machine: Machine,
  span: { readonly from: number; readonly to: number },
): Promise<Recomputed | null> {
  const machines = [machine.id];
  const newest = (await store.newestMinutes(machines)).get(machine.id);
  const decoder = new EventDecoder(model.plant, { maxFutureMs: 0 });
  const history = new MachineHistory(model, machine);
  let events = 0;
  let first = Infinity;
  for await (const records of store.events({ machine: machine.id })) {
    for (const { raw } of records) {
      const bytes = Buffer.from(raw);
      const event = decoder.decode(bytes, 0, bytes.length, null);
      // Ids were judged when the events came; stored ones are no repeats.
      if (isRefusal(event) || !history.accept({ ...event, id: null })) continue;
      events++;
      first = Math.min(first, event.type === "correction" ? event.from : event.at);
    }
  }
  if (events === 0 && newest === undefined) return null;
  let knownTo = newest === undefined ? history.last + 1 : newest;
  if (newest !== undefined) {
    // The components of a minute add up to what is known of it.
    for await (const rows of store.rows({ machines, period: { from: newest, to: newest + MINUTE_MS } })) {
      const byTime = (row: StoredRow): number => TIME_COMPONENT_NAMES.reduce((sum, name) => sum + row[name], 0);
      knownTo += rows.reduce((sum, row) => sum + byTime(row), 0);
    }
  }
  const from = Math.max(span.from, Math.floor(first / MINUTE_MS) * MINUTE_MS);
  const to = Math.min(span.to, Math.ceil(knownTo / MINUTE_MS) * MINUTE_MS);
  const stored: StoredRow[] = [];
  const storedStops: StopSegment[] = [];
  if (to > from) {
    for await (const rows of store.rows({ machines, period: { from, to } })) stored.push(...rows);
    for (let after: Parameters<Store["stops"]>[0]["after"]; ; ) {
      const page = await store.stops({
        machines,
        period: { from, to },
        limit: 10_000,
        ...(after === undefined ? {} : { after }),
      });
      storedStops.push(...page.stops);
      if (page.next === null) break;
      after = page.next;
    }
  }
  const { rows, stops } =
    to > from ? history.evaluate({ from, to, now: knownTo, cuts: "minutes" }) : { rows: [], stops: [] };
  return { rows, stops, stored, storedStops, knownTo, from, to };
}
