/**
 * Puts what a plant file makes of one machine's stored raw events in the place of what is stored of a span (DI-3): rows, stops and
 * doubted totals, which name that plant file then.
 */
import type { PlantModel } from "@oee/engine";
import type { Machine } from "@oee/model";
import type { Period, Store } from "@oee/store";
import { recomputePieces } from "./recompute-machine.ts";

/** Gives after each piece how many rows it has. Throws `StoreError`. */
export async function* restateMachine(
  store: Store,
  model: PlantModel,
  machine: Machine,
  span: Period,
  onGone: (from: number) => void,
): AsyncGenerator<number> {
  for await (const piece of recomputePieces(store, model, machine, span, onGone)) {
    const { rows, stops, doubts, from, to, newestVersion } = piece;
    const stamp = { version: newestVersion + 1n, plantVersion: model.plant.version };
    const written = { machine: machine.id, from, to };
    await store.insertRows(rows, stamp);
    await store.retractRows(written, stamp);
    await store.insertStops(stops, stamp);
    await store.retractStops(written, stamp);
    if (doubts.length > 0) await store.insertDoubts(doubts, stamp);
    await store.retractDoubts(written, stamp);
    yield rows.length;
  }
}
