/**
 * Makes the rows of a machine without further events: its last state goes on (CO-2), or all of its time is unknown where
 * it has no event. The result is what a `MachineHistory` of those few events gives, without making one.
 */
import { cellsBetween, RowTable } from "@oee/columns";
import type { JobEvent, RowBatch, StateName } from "@oee/model";
import type { MachineModel } from "./machine-model.ts";
import { Presence } from "./presence.ts";
import { type Part, Production, Pulses } from "./pulses.ts";
import { RowBuilder } from "./row-builder.ts";
import { applyStop, stopsOf } from "./stops.ts";
import { addTimes } from "./sweep.ts";
import { type Correction, NOTHING_KNOWN, segmentsOf, type ToldByPulses } from "./segments.ts";

/** Instants in epoch ms. */
export interface LastHeard {
  readonly state: StateName;
  readonly reason: string | null;
  /** Since when it is in this state. */
  readonly since: number;
  /** When the newest event came (TL-4). */
  readonly at: number;
  readonly job: JobEvent | null;
  /** The stop that it is in is no minor one (ST-2), however short its last segment. */
  readonly unplanned: boolean;
  /** While it runs and counts tell whether it does: the part of production that goes on (TL-9). */
  readonly part: OpenPart | null;
  /** Until when a correction gives the state, which neither silence nor missing pulses change then (TL-7); `null`: none does. */
  readonly correctedTo: number | null;
}

/** What goes on until the next pulse, or until it is found idle. */
export type OpenPart = Pick<Part, "from" | "byPulse" | "cycleMs">;

/** Used by one call at a time. */
const table = new RowTable();
const NO_JOBS: readonly JobEvent[] = [];
const NO_CORRECTIONS: readonly Correction[] = [];

/** Adds the rows of the time between the first and the last of some sorted cuts, cut at each of them. */
export function addSteadyRows(
  model: MachineModel,
  heard: LastHeard | null,
  cuts: readonly number[],
  into: RowBatch,
): void {
  const from = cuts[0] ?? 0;
  const to = cuts[cuts.length - 1] ?? 0;
  const jobs = heard?.job == null ? NO_JOBS : [heard.job];
  const rows = new RowBuilder(model, jobs, cellsBetween(cuts), table, from, to);
  const presence = new Presence(model.machine.staleAfterMs);
  if (heard !== null) presence.add(heard.at);
  const raw = heard === null ? NOTHING_KNOWN : { from: heard.since, state: heard.state, reason: heard.reason };
  const start = Math.min(from, heard?.part?.from ?? heard?.since ?? from);
  const told = heard === null || heard.part === null ? null : toldBy(model, heard.part);
  const silences = presence.silences(start, to);
  const segments = segmentsOf(start, to, [raw], silences, correctionsOf(heard), model.classifier, told);
  addTimes(model, segments, rows);
  for (const stop of stopsOf(model, segments, null, to)) {
    const judged = heard?.unplanned === true ? { ...stop, unplanned: true } : stop;
    applyStop(model, judged, rows, 1, from, Infinity, -Infinity);
  }
  into.append(table.batch);
}

function correctionsOf(heard: LastHeard | null): readonly Correction[] {
  if (heard === null || heard.correctedTo === null) return NO_CORRECTIONS;
  const { state, reason, correctedTo } = heard;
  return [{ number: 0, from: -Infinity, to: correctedTo, state, reason, clear: false, by: null }];
}

/** No pulse comes any more. */
function toldBy({ machine, classifier }: MachineModel, { from, byPulse, cycleMs }: OpenPart): ToldByPulses | null {
  if (machine.pulseGapMs === null) return null;
  const pulses = new Pulses(machine.pulseGapMs);
  if (byPulse) pulses.add(from, 1);
  return { runningFrom: Infinity, production: new Production(from, pulses, classifier, () => cycleMs, null) };
}
