/**
 * Mends rows, stops and doubted totals under lost versions (`epoch.ts`): those that an earlier owner wrote after its last checkpoint, and
 * that were not written again since. Where the machine's engine holds their time they are written again, or retracted, as the
 * engine has them now, without comparing values; where it does not, the machine is recomputed from stored events. If this is
 * cut off, the next owner does it again.
 */
import { RowBatch } from "@oee/model";
import type { DoubtKey, RowKey, StopKey, Store } from "@oee/store";
import type { MachineEngine } from "@oee/stream";
import type { Logger } from "pino";
import type { MachineRunner } from "./machine-runner.ts";
import type { OwnedPartition } from "./partition.ts";

/** Machines asked for in one query. */
const MACHINES_AT_ONCE = 500;

/**
 * Looks for rows, stops and doubted totals under the partition's lost versions, adds those to be written or retracted to its pending
 * changes, and asks for recomputes. `true`: it found some, which are not stored yet. Throws `StoreError`.
 */
export async function reconcile(store: Store, owned: OwnedPartition, logger: Logger): Promise<boolean> {
  const ids = [...owned.runners.keys()];
  const within = owned.lost.spans;
  let found = false;
  for (let i = 0; i < ids.length; i += MACHINES_AT_ONCE) {
    const oldest = await store.oldestWritten({ machines: ids.slice(i, i + MACHINES_AT_ONCE), within });
    const machines: string[] = [];
    for (const [machine, at] of oldest) {
      const runner = owned.runners.get(machine);
      if (runner === undefined) continue;
      if (runner.recompute.isWanted) found = true;
      else if (at >= heldFrom(runner)) machines.push(machine);
      else if (owned.lost.recomputes(machine, at)) {
        requestRecompute(owned, runner, at);
        found = true;
      } else {
        logger.warn({ machine, from: new Date(at).toISOString() }, "cannot be computed again: raw events are gone");
      }
    }
    if (machines.length === 0) continue;
    const { rows, stops, doubts } = await store.keysWritten({ machines, within });
    for (const key of rows) writeRowAgain(owned, key);
    for (const key of stops) writeStopAgain(owned, key);
    for (const key of doubts) writeDoubtAgain(owned, key);
    if (rows.length + stops.length + doubts.length > 0) found = true;
  }
  return found;
}

/** The instant (epoch ms) from which the engine holds all rows and stops, computed with the plant file of now. */
function heldFrom({ engine }: MachineRunner): number {
  return Math.max(engine.heldFrom, engine.rowsFrom);
}

function requestRecompute(owned: OwnedPartition, runner: MachineRunner, from: number): void {
  runner.recompute.ask(from);
  // Marked as changed, so that its next checkpoint holds the request.
  runner.checkpoint.lacks(Math.max(0, owned.position - 1));
}

/** The machine's engine, if it holds the instant; `null`: it does not, and a later search finds what is still lost. */
function holderOf(owned: OwnedPartition, machine: string, at: number): MachineEngine | null {
  const runner = owned.runners.get(machine);
  if (runner === undefined || runner.recompute.isWanted || at < heldFrom(runner) || at >= runner.engine.now)
    return null;
  return runner.engine;
}

function writeRowAgain(owned: OwnedPartition, { machine, from, product, shift, shiftDate }: RowKey): void {
  const engine = holderOf(owned, machine, from);
  if (engine === null) return;
  const held = engine.rowsOfMinute(from) ?? [];
  const rows = RowBatch.of(held);
  if (!held.some((row) => row.product === product && row.shift === shift && row.shiftDate === shiftDate)) {
    // A row without content takes back the stored one of its key.
    const { decimals } = engine.machine;
    rows.addEmpty({ machine, product, shift, shiftDate, taktUs: null, costPerHour: null, decimals }, from);
  }
  owned.pending.addRows(rows);
}

function writeStopAgain(owned: OwnedPartition, { machine, from }: StopKey): void {
  const engine = holderOf(owned, machine, from);
  if (engine === null) return;
  const held = engine.stopSegment(from);
  owned.pending.addStops(machine, held === undefined ? [] : [held], held === undefined ? [from] : []);
}

function writeDoubtAgain(owned: OwnedPartition, key: DoubtKey): void {
  const engine = holderOf(owned, key.machine, key.at);
  if (engine !== null) owned.pending.addDoubts([{ ...key, doubted: engine.isDoubted(key) }]);
}
