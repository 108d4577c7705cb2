/**
 * After a crash: rows and stops that the owner before wrote from an order of events that did not come again are taken
 * back. Looks only at the span that engines hold, and at what was stored in an earlier epoch.
 */
import { RowBatch } from "@oee/model";
import type { Store } from "@oee/store";
import { epochOf } from "./epoch.ts";
import type { OwnedPartition } from "./partition.ts";

const MINUTE_MS = 60_000;
const STOPS_PAGE = 10_000;

/** Adds what is to be taken back to the partition's pending changes. Throws `StoreError`. */
export async function reconcile(store: Store, owned: OwnedPartition, now: number): Promise<void> {
  const runners = [...owned.runners.values()].filter((runner) => Number.isFinite(runner.engine.heldFrom));
  if (runners.length === 0) return;
  const machines = runners.map((runner) => runner.id);
  const from = Math.min(...runners.map((runner) => runner.engine.heldFrom));
  const period = {
    from: Math.floor(from / MINUTE_MS) * MINUTE_MS,
    to: Math.ceil(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS,
  };
  const gone = new RowBatch();
  for await (const rows of store.rows({ machines, period })) {
    for (const row of rows) {
      const engine = owned.runners.get(row.machine)?.engine;
      if (engine === undefined || row.from < engine.heldFrom || epochOf(row.version) >= owned.stamps.epoch) continue;
      const held = engine.rowsOfMinute(row.from) ?? [];
      if (held.some((h) => h.product === row.product && h.shift === row.shift && h.shiftDate === row.shiftDate))
        continue;
      // A row without content takes back the stored one of its key.
      gone.addEmpty(row, row.from);
    }
  }
  owned.pending.addRows(gone);
  for (let after: Parameters<Store["stops"]>[0]["after"]; ; ) {
    const page = await store.stops({ machines, period, limit: STOPS_PAGE, ...(after === undefined ? {} : { after }) });
    for (const { machine, from: start } of page.stops) {
      const engine = owned.runners.get(machine)?.engine;
      if (engine === undefined || start < engine.heldFrom || engine.stopSegment(start) !== undefined) continue;
      owned.pending.addStops(machine, [], [start]);
    }
    if (page.next === null) return;
    after = page.next;
  }
}
