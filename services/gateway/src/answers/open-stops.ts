/**
 * Lengthens stops that go on. Their stored segment ends at the worker's last write; where the live record says that the
 * machine is still in the stop, the segment lasts to the end of the question, as it would in a replay (CO-2).
 */
import type { PlantModel } from "@oee/engine";
import type { Machine, StopSegment } from "@oee/model";
import type { LiveRecord } from "@oee/protocol";
import type { GiveWay } from "@oee/pacing";
import { scheduledMsOf } from "./scheduled-time.ts";

/** Gives the newest live record of a machine; `null` where there is none, or it is overdue. */
export type RecordOf = (machine: Machine) => LiveRecord | null;

/** The segment, lengthened to `to` (epoch ms) where it is open and the fresh live record is in the same stop. */
export async function goingOn(
  model: PlantModel,
  segment: StopSegment,
  to: number,
  recordOf: RecordOf,
  giveWay: GiveWay,
): Promise<StopSegment> {
  const machine = segment.open && segment.to < to ? model.plant.machineById.get(segment.machine) : undefined;
  const record = machine === undefined ? null : recordOf(machine);
  if (machine === undefined || record === null) return segment;
  const { from, state, reason } = segment;
  if (record.since !== from || record.state !== state || record.reason !== reason) return segment;
  const scheduledDuration = await scheduledMsOf(machine, from, to, giveWay);
  return { ...segment, to, duration: to - from, scheduledDuration, minor: record.minor ?? segment.minor };
}
