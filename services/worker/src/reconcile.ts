/**
 * After a crash: what owners before wrote from knowledge that was lost with them, and what nobody wrote again since, is set
 * right. Where the engine holds the time, by what it holds; where it does not, by a recompute from stored events. Values
 * are not compared: what is written again is written as it is known now. Cut off, it is done again by the next owner.
 */
import type { MachineEngine } from "@oee/engine";
import { RowBatch } from "@oee/model";
import type { RowKey, StopKey, Store } from "@oee/store";
import type { Logger } from "pino";
import type { MachineRunner } from "./machine-runner.ts";
import type { OwnedPartition } from "./partition.ts";

/** Machines asked for in one query. */
const MACHINES_AT_ONCE = 500;

/**
 * Adds what is to be written again or taken back to the partition's pending changes, and asks for recomputes. `true`: it
 * found something that is not in force yet. Throws `StoreError`.
 */
export async function reconcile(store: Store, owned: OwnedPartition, logger: Logger): Promise<boolean> {
  const ids = [...owned.runners.keys()];
  const within = owned.lost;
  let found = false;
  for (let i = 0; i < ids.length; i += MACHINES_AT_ONCE) {
    const oldest = await store.oldestWritten({ machines: ids.slice(i, i + MACHINES_AT_ONCE), within });
    const machines: string[] = [];
    for (const [machine, at] of oldest) {
      const runner = owned.runners.get(machine);
      if (runner === undefined) continue;
      if (runner.recomputing) found = true;
      else if (at >= heldFrom(runner)) machines.push(machine);
      else if (owned.recomputedForLost.get(machine) === at) {
        logger.warn({ machine, from: new Date(at).toISOString() }, "cannot be computed again: raw events are gone");
      } else {
        owned.recomputedForLost.set(machine, at);
        requestRecompute(owned, runner, at);
        found = true;
      }
    }
    if (machines.length === 0) continue;
    const { rows, stops } = await store.keysWritten({ machines, within });
    for (const key of rows) writeRowAgain(owned, key);
    for (const key of stops) writeStopAgain(owned, key);
    if (rows.length + stops.length > 0) found = true;
  }
  return found;
}

/** From where on the engine's rows and stops are all that there is, computed with the plant file of now. */
function heldFrom({ engine }: MachineRunner): number {
  return Math.max(engine.heldFrom, engine.rowsFrom);
}

function requestRecompute(owned: OwnedPartition, runner: MachineRunner, from: number): void {
  runner.recomputeFrom = Math.min(runner.recomputeFrom ?? Infinity, from);
  // Its next checkpoint says so.
  runner.changedSince ??= Math.max(0, owned.position - 1);
}

/** Its engine, if that holds an instant. Time that it has not reached will be written when it has; the rest is found again. */
function holderOf(owned: OwnedPartition, machine: string, at: number): MachineEngine | null {
  const runner = owned.runners.get(machine);
  if (runner === undefined || runner.recomputing || at < heldFrom(runner) || at >= runner.engine.now) return null;
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
