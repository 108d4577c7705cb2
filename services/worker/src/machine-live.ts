/**
 * The live record of one machine: data, made anew each time, so that nothing that the worker does later changes it. In one
 * process a gateway gets the very object that over Kafka becomes JSON.
 */
import { type Correction, type MachineModel, ratesOf } from "@oee/engine";
import { type JobEvent, ROW_LAYOUT } from "@oee/model";
import type { LatencyMarks, LiveRecord, LiveRecordWindow } from "@oee/protocol";
import type { MachineEngine } from "@oee/stream";

export interface LiveParts {
  readonly model: MachineModel;
  readonly engine: MachineEngine;
  readonly job: JobEvent | null;
  /** Epoch ms. */
  readonly now: number;
  readonly nextWithinMs: number;
  readonly windows: readonly LiveRecordWindow[];
  readonly corrections: readonly string[];
  readonly recomputing: boolean;
  readonly latency: LatencyMarks | null;
}

/** Until when corrections, in log order, give the state that is in force before `now` (TL-7); `null`: what the machine said does. */
export function correctedTo(corrections: readonly Correction[], now: number): number | null {
  let isGiven = false;
  let next = Infinity;
  for (const { from, to, state, clear } of corrections) {
    if (to <= now || (state === null && !clear)) continue;
    next = Math.min(next, from < now ? to : from);
    if (from < now) isGiven = !clear;
  }
  return isGiven ? next : null;
}

export function liveRecordOf(parts: LiveParts): LiveRecord {
  const { model, engine, job, now, windows } = parts;
  const { machine, classifier, clock, plant } = model;
  const { segment, part } = engine;
  const { product, idealCycleUs, taktUs } = ratesOf(model, job);
  const state = segment?.state ?? "unknown";
  const reason = segment?.reason ?? null;
  const { category, failure } = classifier.classOf(state, reason);
  const record: LiveRecord = {
    kind: "machine",
    machine: machine.id,
    plantVersion: plant.version,
    layout: ROW_LAYOUT,
    decimals: machine.decimals,
    now,
    nextWithinMs: parts.nextWithinMs,
    state,
    category,
    failure,
    minor: engine.stop === null ? null : !engine.stop.unplanned,
    reason,
    since: segment === null || !Number.isFinite(segment.from) ? null : segment.from,
    lastEventAt: Number.isFinite(engine.lastEventAt) ? engine.lastEventAt : null,
    part:
      part !== null && category === "production"
        ? { from: part.from, byPulse: part.byPulse, cycleMs: part.cycleMs }
        : null,
    correctedTo: correctedTo(engine.events.corrections, now),
    product,
    order: job?.order ?? null,
    idealCycleUs,
    taktUs,
    scheduled: clock.spanAt(now).scheduled,
    windows,
    corrections: parts.corrections,
    recomputing: parts.recomputing,
    doubts: engine.doubts,
    latency: parts.latency,
  };
  // A gateway of release 0.1.0 would take smallest units for units: it finds no windows, and shows none.
  return machine.decimals === 0 ? record : { ...record, windows: [], fineWindows: windows };
}
