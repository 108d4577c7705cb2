/**
 * Where a recomputation can begin (DI-1): a state event from which on a machine's time does not depend on what was
 * before it, but for its counters and its job.
 */
import type { MachineModel } from "@oee/engine";
import type { CorrectionEvent, PlantEvent, StateEvent } from "@oee/model";

/**
 * Of the last state events before some instant, the newest first, the instant of the newest that begins a production
 * segment outside of every correction; `null` if there is none among them. The oldest one cannot be judged. Where counts
 * tell whether the machine runs (TL-9), what was before must be neither production, which would go on, nor a stop, which
 * would go on where nothing is counted.
 */
export function anchorAmong(
  model: MachineModel,
  newestFirst: readonly PlantEvent[],
  corrections: readonly CorrectionEvent[],
): number | null {
  for (let i = 0; i + 1 < newestFirst.length; i++) {
    const event = newestFirst[i] as PlantEvent;
    const before = newestFirst[i + 1] as PlantEvent;
    if (event.type !== "state" || before.type !== "state" || before.at === event.at) continue;
    if (before.state === event.state || model.classifier.classOf(event.state, null).category !== "production") continue;
    if (corrections.some(({ from, to }) => from <= event.at && event.at < to)) continue;
    if (model.machine.pulseGapMs !== null && !endsAll(model, before, event.at, corrections)) continue;
    return event.at;
  }
  return null;
}

function endsAll(
  { classifier }: MachineModel,
  { state, reason }: StateEvent,
  at: number,
  corrections: readonly CorrectionEvent[],
): boolean {
  const { category } = classifier.classOf(state, reason);
  if (category === "production" || category === "unplannedStop") return false;
  return !corrections.some(({ from, to }) => from < at && at <= to);
}
