/**
 * What stored events alone tell of a span of a machine, before corrections (TL-1 to TL-4, TL-9). Of machines without
 * `pulseGap` the store finds the silences, and no count is read; of the others the counts of the span are read.
 */
import type { Period } from "@oee/calendar";
import {
  MachineHistory,
  type MachineModel,
  NOTHING_KNOWN,
  type PlantModel,
  rawSegments,
  ratesOf,
  type Segment,
  segmentsOf,
  segmentsWithin,
} from "@oee/engine";
import type { JobEvent, Machine, StateEvent } from "@oee/model";
import { ReasonTrail } from "@oee/review";
import { HttpProblem } from "../problems.ts";
import { decoded, decoderOf, EVENTS_BEFORE, type FactSources } from "./stored-events.ts";

/** Events are read so far behind a span for the next change of state, at first. */
const AHEAD_MS = 24 * 3_600_000;
/** Most counts that are read of one span. */
const COUNTS_MAX = 1_000_000;

export function toldSegments(
  sources: FactSources,
  plant: PlantModel,
  machine: Machine,
  span: Period,
  now: number,
): Promise<readonly Segment[]> {
  return machine.pulseGapMs === null
    ? toldByStates(sources, plant.machine(machine), span, now)
    : toldByPulses(sources, plant, machine, span, now);
}

async function toldByStates(
  sources: FactSources,
  model: MachineModel,
  span: Period,
  now: number,
): Promise<readonly Segment[]> {
  const states = await statesOf(sources, model, span, now);
  const raw = rawSegments(NOTHING_KNOWN, states, 0, states.length);
  const { staleAfterMs, id } = model.machine;
  const silences: Period[] = [];
  if (staleAfterMs !== null) {
    // The last event before the span is the last of its states, or came after it.
    const from = states.findLast(({ at }) => at <= span.from)?.at ?? span.from;
    const query = {
      machines: [id],
      period: { from, to: Math.min(now, span.to + staleAfterMs) },
      longerThanMs: staleAfterMs,
    };
    for (const { at, next } of await sources.turnstile.run(() => sources.store.silences(query))) {
      silences.push({ from: at + staleAfterMs, to: next ?? Infinity });
    }
  }
  // The raw segment in force at the span's end goes on to the next state.
  return segmentsWithin(segmentsOf(span.from, span.to, raw, silences, [], model.classifier), span.from, span.to);
}

async function toldByPulses(
  sources: FactSources,
  plant: PlantModel,
  of: Machine,
  span: Period,
  now: number,
): Promise<readonly Segment[]> {
  const { store, turnstile, signal } = sources;
  const model = plant.machine(of);
  const decoder = decoderOf(plant.plant);
  const machine = of.id;
  const history = new MachineHistory(plant, of);
  for (const state of await statesOf(sources, model, span, now)) history.accept(state);
  const jobs: JobEvent[] = [];
  const asked = { machine, types: ["job" as const], before: span.to, limit: EVENTS_BEFORE };
  for (const event of decoded(decoder, (await turnstile.run(() => store.eventsBefore(asked))).toReversed())) {
    if (event.type === "job") jobs.push(event);
    history.accept(event);
  }
  // A part of production that is longer than this is idle, whatever lies beyond it (TL-9).
  const cycleMs = [null, ...jobs].map((job) => {
    const { idealCycleUs, piecesPerCount } = ratesOf(model, job);
    return ((idealCycleUs ?? 0) * piecesPerCount) / 1000;
  });
  const reach = Math.max(of.pulseGapMs ?? 0, ...cycleMs) + 1;
  const from = span.from - reach;
  const types = ["count" as const, "total" as const];
  const earlier = await turnstile.run(() => store.eventsBefore({ machine, types, before: from, limit: EVENTS_BEFORE }));
  for (const event of decoded(decoder, earlier.toReversed())) history.accept(event);
  let count = 0;
  for await (const records of store.events({ machine, types, from, to: Math.min(now, span.to + reach) })) {
    count += records.length;
    if (count > COUNTS_MAX) {
      const detail = `corrected time has more than ${COUNTS_MAX} counts to look at; ask for a shorter period`;
      throw new HttpProblem("OEE_HTTP_TOO_MANY_ELEMENTS", detail);
    }
    for (const event of decoded(decoder, records)) history.accept(event);
    signal.throwIfAborted();
  }
  return history.told({ ...span, now });
}

/** The state events of a span, with those before it and, for a reason that came late (TL-3), the next that changes state or reason. */
async function statesOf(
  { store, turnstile, signal }: FactSources,
  model: MachineModel,
  { from, to }: Period,
  now: number,
): Promise<readonly StateEvent[]> {
  const decoder = decoderOf(model.plant);
  for (let ahead = AHEAD_MS; ; ahead *= 8) {
    const end = Math.min(now, to + ahead);
    const query = { machines: [model.machine.id], from, to: end, before: EVENTS_BEFORE };
    const trail = new ReasonTrail();
    for (const event of decoded(decoder, await turnstile.run(() => store.stateEvents(query)))) trail.accept(event);
    signal.throwIfAborted();
    const states = trail.statesInOrder;
    const last = states.findLast(({ at }) => at < to);
    const changes = states.some(({ at, state, reason }) => at >= to && (reason !== null || state !== last?.state));
    if (changes || end >= now) return states;
  }
}
