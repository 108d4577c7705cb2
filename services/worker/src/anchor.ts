/**
 * Finds the anchor at which a recompute can begin (DI-1): a state event after which a machine's time depends on nothing
 * before it but its counters and its job.
 */
import type { MachineModel } from "@oee/engine";
import type { CorrectionEvent, PlantEvent, StateEvent } from "@oee/model";

/**
 * The instant (epoch ms) of the newest state event that begins a production segment outside of every correction; `null`
 * where none of the given ones does. `newestFirst` are the last state events before some instant; the oldest of them cannot
 * be judged, because the state before it is not among them. On machines whose counts tell whether they run (TL-9) the
 * state before must be neither production nor an unplanned stop, since either may go on over the anchor.
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

/** Whether nothing before `at` goes on after it: `before` is no production and no unplanned stop, and no correction covers the time just before. */
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
