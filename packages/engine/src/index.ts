export { changedCounters, type CounterState, type Doubt, rolledOver, unsettledDoubts } from "./counters.ts";
export * from "./doubted-totals.ts";
export { lowerBound, MachineEvents, type MachineEventsSnapshot } from "./machine-events.ts";
export * from "./machine-history.ts";
export { type MachineModel, PlantModel, ratesOf } from "./machine-model.ts";
export { NO_PARTS, type Part } from "./pulses.ts";
export { RecentIds, REMEMBERED_IDS } from "./recent-ids.ts";
export { RowBuilder } from "./row-builder.ts";
export { runningPulses } from "./running-pulses.ts";
export {
  alike,
  corrected,
  type Correction,
  NOTHING_KNOWN,
  rawSegments,
  repeats,
  type Segment,
  segmentsOf,
  segmentsWithin,
} from "./segments.ts";
export * from "./settled-counters.ts";
export * from "./steady.ts";
export { listSegment, listsSame, startOfStop, type Stop, stopId } from "./stops.ts";
export { beginning, type Resume, type Sweep, sweep, unsettledFrom } from "./sweep.ts";
