/** Finds the pulses of a machine (SPEC.md, TL-9) from which a recompute of stored events can begin. */
import { MINUTE_CELLS, RowTable } from "@oee/columns";
import type { PlantEvent } from "@oee/model";
import { countInto } from "./count-pass.ts";
import { NO_TOTALS } from "./counters.ts";
import { MachineEvents } from "./machine-events.ts";
import type { MachineModel } from "./machine-model.ts";
import type { PulseSink } from "./pulses.ts";
import { RowBuilder } from "./row-builder.ts";

/**
 * The instants (epoch ms, sorted) in `[from, to)` of pulses that are followed by another one within `pulseGap`: while the state
 * is one of production, the machine runs from there on, whatever was before. Empty for a machine without `pulseGap`.
 * `events`: those of `[from, to)` in log order, after as many older ones as tell how its counters stand at `from`.
 */
export function runningPulses(
  model: MachineModel,
  events: readonly PlantEvent[],
  from: number,
  to: number,
): readonly number[] {
  const { pulseGapMs } = model.machine;
  if (pulseGapMs === null) return [];
  const held = new MachineEvents(model.machine);
  for (const event of events) held.add(event);
  // Rows of no time: only the pulses are needed.
  const rows = new RowBuilder(model, held.jobs, MINUTE_CELLS, new RowTable(), Infinity, -Infinity);
  const pulses = new PulseList();
  const older = { from: -Infinity, to: from, counters: NO_TOTALS, noteAt: [], pulses: new PulseList() };
  const counters = countInto(rows, model, held, older).end;
  countInto(rows, model, held, { from, to, counters, noteAt: [], pulses });
  const instants = pulses.instants();
  return instants.filter((at, i) => (instants[i + 1] ?? Infinity) - at <= pulseGapMs);
}

/** Every pulse of a span of time, from its counts in order of time. */
class PulseList implements PulseSink {
  readonly #pieces = new Map<number, number>();

  add(at: number, pieces: number): void {
    this.#pieces.set(at, (this.#pieces.get(at) ?? 0) + pieces);
  }

  note(): void {
    // The newest pulse at an instant is for resumes, which are not made here.
  }

  instants(): readonly number[] {
    return [...this.#pieces].flatMap(([at, pieces]) => (pieces > 0 ? [at] : []));
  }
}
