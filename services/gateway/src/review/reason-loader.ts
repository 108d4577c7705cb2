/**
 * What the reasons of stops come to (RS-1, RS-2): the store counts the segments of which its rows tell it, the others are
 * judged one by one, by the state events and corrections around them.
 */
import type { Period } from "@oee/calendar";
import type { PlantModel } from "@oee/engine";
import { type CorrectionEvent, firstNotBefore, type Machine, type StopSegment } from "@oee/model";
import {
  isVague,
  judgeReasons,
  LACKING_MAX,
  type ListedSegment,
  type ReasonCounts,
  reasonDeadline,
  ReasonTrail,
  sumOfReasons,
} from "@oee/review";
import { GiveWay } from "@oee/pacing";
import type { StopReasons } from "@oee/store";
import { decoded, decoderOf, type FactSources, loadCorrections } from "./stored-events.ts";
import { knownAt } from "./known-stops.ts";
import type { StoredFacts } from "./stored-facts.ts";

/** A stop goes on behind the period that was asked for; a longer one is long enough as it is. */
const LOOK_BEHIND_MS = 24 * 3_600_000;
/** No shift, and no time without one that RS-2 gives, goes on for longer after the end of a segment. */
const PASSED_AFTER_MS = 26 * 3_600_000;
/** State events before a segment: one of them says since when its state and reason held. */
const STATES_BEFORE = 100;
/** A reason that comes so soon after the end of a segment is in time, whatever the shift (RS-2). */
const IN_TIME_MS = 30 * 60_000;
const DAY_MS = 24 * 3_600_000;
/** Segments around which state events are read together. */
const TRAILS_TOGETHER = 500;

export async function loadReasons(
  sources: FactSources,
  model: PlantModel,
  facts: StoredFacts,
  machines: ReadonlySet<Machine>,
  period: Period,
  at: number,
): Promise<void> {
  const { store, turnstile } = sources;
  const { reasons } = model.plant;
  const passedBefore = at - PASSED_AFTER_MS;
  const known = await turnstile.run(() =>
    store.stopReasons({
      machines: [...machines].map(({ id }) => id),
      period,
      lookTo: Math.min(facts.now, period.to + LOOK_BEHIND_MS),
      passedBefore,
      reasonAfterMs: new Map([...machines].map(({ id, reasonAfterMs }) => [id, reasonAfterMs])),
      fallSilent: [...machines].flatMap(({ id, staleAfterMs }) => (staleAfterMs === null ? [] : [id])),
      isVague: (reason) => isVague(reasons, reason),
      first: LACKING_MAX,
    }),
  );
  const giveWay = new GiveWay();
  const since = Math.min(period.to, passedBefore);
  // Of each machine, stops whose segments have to be judged, and those of them that have.
  const open = new Map<Machine, ListedSegment[]>();
  const starts = new Map([...known.byMachine].map(([id, own]) => [id, new Set(own.open)]));
  for (const { machine, from, ...rest } of known.open)
    if (known.isLate({ from, ...rest })) late(starts, machine).add(from);
  for (const listed of await knownAt(model, known.open, facts.now, sources.recordOf, giveWay)) {
    const machine = model.plant.machineById.get(listed.segment.machine);
    if (machine === undefined) continue;
    const own = open.get(machine);
    if (own === undefined) open.set(machine, [listed]);
    else own.push(listed);
  }
  const unknown = [...open.keys()].filter((machine) => !facts.corrections.has(machine));
  if (unknown.length > 0) await loadCorrections(sources, model, facts, unknown);
  const { corrections } = facts;
  const asked = new Map<Machine, StopSegment[]>();
  const judge = (machine: Machine, givenAt: (segment: StopSegment) => number | null): ReasonCounts => {
    const own = starts.get(machine.id);
    const segments = (open.get(machine) ?? []).filter(
      ({ segment: { from, to } }) => own?.has(from) === true && from < period.to && to > period.from,
    );
    const ways = {
      reasons,
      lastScheduled: facts.lastScheduled.bind(facts),
      givenAt: (_: Machine, segment: StopSegment) => givenAt(segment),
    };
    return judgeReasons(ways, machine, segments, period, at);
  };
  for (const machine of open.keys()) {
    const isTold = toldByRows(machine, open.get(machine) ?? [], corrections.get(machine) ?? [], since);
    judge(machine, (segment) => {
      if (isTold(segment)) return null;
      const own = asked.get(machine);
      if (own === undefined) asked.set(machine, [segment]);
      else own.push(segment);
      return null;
    });
    if (giveWay.due) await giveWay.now();
  }
  const trails = await trailsOf(sources, model, facts, asked, corrections);
  const stored = storedOf(known, starts, model);
  for (const machine of machines) {
    const trail = trails.get(machine);
    const looked = new Set(asked.get(machine)?.map(({ from }) => from));
    const own = judge(machine, (segment) =>
      // Who need not be asked was told while the segment lasted.
      looked.has(segment.from) ? (trail?.givenAt(reasons, segment.from, facts.now) ?? null) : segment.from,
    );
    facts.reasons.set(machine, period, at, sumOfReasons([stored(machine), own]));
    if (giveWay.due) await giveWay.now();
  }
}

function late(starts: Map<string, Set<number>>, machine: string): Set<number> {
  let own = starts.get(machine);
  if (own === undefined) starts.set(machine, (own = new Set()));
  return own;
}

/** What the store counted, by machine. */
function storedOf(
  { byMachine, longest }: StopReasons,
  judged: ReadonlyMap<string, ReadonlySet<number>>,
  model: PlantModel,
): (machine: Machine) => ReasonCounts {
  const first = new Map<
    Machine,
    { machine: Machine; segment: { from: number; open: false; scheduledDuration: number } }[]
  >();
  for (const { machine: id, from, scheduledMs } of longest) {
    const machine = model.plant.machineById.get(id);
    if (machine === undefined || judged.get(id)?.has(from) === true) continue;
    const one = { machine, segment: { from, open: false, scheduledDuration: scheduledMs } } as const;
    const own = first.get(machine);
    if (own === undefined) first.set(machine, [one]);
    else own.push(one);
  }
  return (machine) => {
    const { due, lacking } = byMachine.get(machine.id) ?? { due: 0, lacking: 0 };
    return { due, inTime: due - lacking, lacking, first: first.get(machine) ?? [] };
  };
}

/**
 * Of the segments after which all that are stored are at hand, those that end after `since`: whether the next row and the
 * lack of corrections tell that their reason came while they lasted (see `stopReasons`).
 */
function toldByRows(
  machine: Machine,
  segments: readonly ListedSegment[],
  corrections: readonly CorrectionEvent[],
  since: number,
): (segment: StopSegment) => boolean {
  return (segment) => {
    const next =
      segments[firstNotBefore(segments.length, (i) => (segments[i] as ListedSegment).segment.from <= segment.from)];
    if (segment.to <= since || next === undefined) return false;
    if (machine.staleAfterMs !== null && next.segment.from - segment.to > IN_TIME_MS) return false;
    if (next.segment.state === segment.state && next.segment.reason === segment.reason) return false;
    const until = Math.max(segment.to, next.segment.from);
    return !corrections.some(({ from, to }) => from <= until && to >= segment.from);
  };
}

/** RS-2: state events and corrections around segments. */
async function trailsOf(
  { store, turnstile, signal }: FactSources,
  model: PlantModel,
  facts: StoredFacts,
  asked: ReadonlyMap<Machine, readonly StopSegment[]>,
  corrections: ReadonlyMap<Machine, readonly CorrectionEvent[]>,
): Promise<ReadonlyMap<Machine, ReasonTrail>> {
  const decoder = decoderOf(model.plant);
  const giveWay = new GiveWay();
  const trails = new Map<Machine, ReasonTrail>();
  for (const machine of asked.keys()) {
    const trail = new ReasonTrail();
    for (const correction of corrections.get(machine) ?? []) trail.accept(correction);
    trails.set(machine, trail);
  }
  const read = async (some: readonly Asked[], before: number): Promise<void> => {
    const query = {
      machines: [...new Set(some.map(({ machine }) => machine.id))],
      from: Math.min(...some.map(({ segment }) => segment.from)),
      // A word that comes later is too late.
      to: 1 + Math.max(...some.map(({ machine, segment }) => deadlineOf(facts, machine, segment))),
      before,
    };
    for (const record of await turnstile.run(() => store.stateEvents(query))) {
      for (const event of decoded(decoder, [record])) trails.get(event.machine)?.accept(event);
      if (giveWay.due) await giveWay.now();
    }
    signal.throwIfAborted();
  };
  for (const some of inTurns(asked)) {
    await read(some, 0);
    // Most segments begin at a state event with a reason. What the others go on with lies further back.
    const others = some.filter(({ machine, segment }) => trails.get(machine)?.namesReasonAt(segment.from) !== true);
    if (others.length > 0) await read(others, STATES_BEFORE);
  }
  return trails;
}

function deadlineOf(facts: StoredFacts, machine: Machine, segment: StopSegment): number {
  return reasonDeadline(segment, facts.lastScheduled(machine, segment)?.shiftEnd ?? null);
}

interface Asked {
  readonly machine: Machine;
  readonly segment: StopSegment;
}

/** Segments that begin within a day, of some machines: those of a whole period would have all of its state events read. */
function* inTurns(asked: ReadonlyMap<Machine, readonly StopSegment[]>): Generator<readonly Asked[]> {
  const all = [...asked].flatMap(([machine, segments]) => segments.map((segment) => ({ machine, segment })));
  all.sort((a, b) => a.segment.from - b.segment.from);
  let some: Asked[] = [];
  for (const one of all) {
    const [first] = some;
    if (first !== undefined && (one.segment.from > first.segment.from + DAY_MS || some.length === TRAILS_TOGETHER)) {
      yield some;
      some = [];
    }
    some.push(one);
  }
  if (some.length > 0) yield some;
}
