/**
 * Reads the counts of stops with and without a reason (RS-1, RS-2). The store counts the segments that its rows are enough to
 * judge; the others are judged here one by one, by the state events and corrections around them.
 */
import type { Period } from "@oee/calendar";
import type { PlantModel } from "@oee/engine";
import { type CorrectionEvent, firstNotBefore, type Machine, type ReasonTree, type StopSegment } from "@oee/model";
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
import { INSTANTS_MAX, type StatesAround, StoreError, type StopReasons } from "@oee/store";
import { decoded, decoderOf, type FactSources, loadCorrections } from "./stored-events.ts";
import { knownAt } from "./known-stops.ts";
import type { StoredFacts } from "./stored-facts.ts";

/** Segments are read up to this far behind a period, for the length of stops that go on there. A stop that is longer still is above every threshold. */
const LOOK_BEHIND_MS = 24 * 3_600_000;
/** After this much time from the end of a segment its deadline (RS-2) has passed in any case: no shift goes on for longer. */
const PASSED_AFTER_MS = 26 * 3_600_000;
/** How many state events before a segment are read: one of them began its state and reason. */
const STATES_BEFORE = 100;
/** A reason within this time of the end of a segment is in time, whatever the shift (RS-2). */
const IN_TIME_MS = 30 * 60_000;
const DAY_MS = 24 * 3_600_000;
/** Most segments of one question for all state events of their days, and for the state events next to their start. */
const TRAILS_TOGETHER = 500;
const AROUND_TOGETHER = INSTANTS_MAX;

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
  // `open`: by machine, the segments of stops of which some must be judged here; `starts`: the beginnings of those that must.
  const open = new Map<Machine, ListedSegment[]>();
  const starts = new Map([...known.byMachine].map(([id, own]) => [id, new Set(own.open)]));
  for (const { machine, from, ...rest } of known.open)
    if (known.isLate({ from, ...rest })) startsOf(starts, machine).add(from);
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
    return judgeReasons(ways, machine, segments, [period], at);
  };
  for (const machine of open.keys()) {
    const isInTime = inTimeByRows(machine, open.get(machine) ?? [], corrections.get(machine) ?? [], since);
    const isCorrected = correctedInTime(facts, reasons, machine, corrections.get(machine) ?? []);
    judge(machine, (segment) => {
      if (isInTime(segment) || isCorrected(segment)) return null;
      const own = asked.get(machine);
      if (own === undefined) asked.set(machine, [segment]);
      else own.push(segment);
      return null;
    });
    if (giveWay.due) await giveWay.now();
  }
  const given = await givenByStates(sources, model, facts, asked);
  const stored = storedOf(known, starts, model);
  for (const machine of machines) {
    const states = given.get(machine);
    const own = judge(machine, (segment) => {
      const told = states?.get(segment.from);
      // A segment whose state events were not read got its reason in time: as if at its start.
      return told === undefined ? segment.from : told;
    });
    facts.reasons.set(machine, period, at, sumOfReasons([stored(machine), own]));
    if (giveWay.due) await giveWay.now();
  }
}

function startsOf(starts: Map<string, Set<number>>, machine: string): Set<number> {
  let own = starts.get(machine);
  if (own === undefined) starts.set(machine, (own = new Set()));
  return own;
}

/** The counts of each machine that the store has made. */
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
 * Whether rows alone show that a segment's reason was given while the segment lasted (see `stopReasons`): it ends after
 * `since`, the next row has another state or reason, and no correction touches it. `segments` must hold all stored segments
 * that follow those that are judged.
 */
function inTimeByRows(
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

/** Whether a correction gave a segment its reason in time (RS-2): then it does not matter when state events did. */
function correctedInTime(
  facts: StoredFacts,
  reasons: ReasonTree,
  machine: Machine,
  corrections: readonly CorrectionEvent[],
): (segment: StopSegment) => boolean {
  const telling = corrections.filter(({ reason }) => !isVague(reasons, reason)).toSorted((a, b) => a.from - b.from);
  // By place, the latest end of all corrections up to there: before the place where it is over none holds the instant.
  const reach: number[] = [];
  for (const { to } of telling) reach.push(Math.max(reach.at(-1) ?? -Infinity, to));
  return (segment) => {
    const { from } = segment;
    let deadline: number | null = null;
    for (
      let i = firstNotBefore(telling.length, (place) => (telling[place] as CorrectionEvent).from <= from) - 1;
      ;
      i--
    ) {
      const correction = telling[i];
      if (correction === undefined || (reach[i] ?? 0) <= from) return false;
      if (correction.to <= from) continue;
      deadline ??= deadlineOf(facts, machine, segment);
      if (correction.at <= deadline) return true;
    }
  };
}

/** By machine and start of a segment, when state events alone gave it a reason. */
type Given = Map<Machine, Map<number, number | null>>;

/**
 * When state events gave segments their reason (RS-2): mostly told by the few events next to the start of each. The others, of
 * machines that repeat their state and never say why, are told by all state events of those days.
 */
async function givenByStates(
  sources: FactSources,
  model: PlantModel,
  facts: StoredFacts,
  asked: ReadonlyMap<Machine, readonly StopSegment[]>,
): Promise<Given> {
  const { store, turnstile, signal } = sources;
  const decoder = decoderOf(model.plant);
  const giveWay = new GiveWay();
  const given: Given = new Map([...asked.keys()].map((machine) => [machine, new Map<number, number | null>()]));
  const rest = new Map<Machine, StopSegment[]>();
  for (const some of inTurn(asked, AROUND_TOGETHER)) {
    const within = {
      from: (some[0] as Asked).segment.from - LOOK_BEHIND_MS,
      // Events up to the last deadline: a reason that comes later is too late.
      to: 1 + Math.max(...some.map(({ machine, segment }) => deadlineOf(facts, machine, segment))),
    };
    const around = some.map(({ machine, segment }) => ({ machine: machine.id, at: segment.from }));
    const found = new Map<string, StatesAround>();
    for (const one of await turnstile.run(() => store.statesAround({ around, within })))
      found.set(`${one.machine} ${one.at}`, one);
    for (const { machine, segment } of some) {
      const states = found.get(`${machine.id} ${segment.from}`);
      const trail = new ReasonTrail();
      for (const event of decoded(decoder, states?.events ?? [])) trail.accept(event);
      const isTold = states !== undefined && trail.tells(segment.from, { isCut: states.isCut });
      if (isTold) given.get(machine)?.set(segment.from, trail.givenAt(model.plant.reasons, segment.from, facts.now));
      else {
        const own = rest.get(machine);
        if (own === undefined) rest.set(machine, [segment]);
        else own.push(segment);
      }
      if (giveWay.due) await giveWay.now();
    }
    signal.throwIfAborted();
  }
  const trails = await trailsOf(sources, model, facts, rest);
  for (const [machine, segments] of rest) {
    for (const { from } of segments) {
      given.get(machine)?.set(from, trails.get(machine)?.givenAt(model.plant.reasons, from, facts.now) ?? null);
    }
  }
  return given;
}

/** The trails of reasons (RS-2) of machines: all state events around some of their segments. */
async function trailsOf(
  { store, turnstile, signal }: FactSources,
  model: PlantModel,
  facts: StoredFacts,
  asked: ReadonlyMap<Machine, readonly StopSegment[]>,
): Promise<ReadonlyMap<Machine, ReasonTrail>> {
  const decoder = decoderOf(model.plant);
  const giveWay = new GiveWay();
  const trails = new Map([...asked.keys()].map((machine) => [machine, new ReasonTrail()]));
  const read = async (some: readonly Asked[], before: number): Promise<void> => {
    const from = Math.min(...some.map(({ segment }) => segment.from));
    const query = {
      machines: [...new Set(some.map(({ machine }) => machine.id))],
      from,
      // Events up to the last deadline, for a reason that comes later is too late; or only those before, the rest having been read.
      to: before > 0 ? from : 1 + Math.max(...some.map(({ machine, segment }) => deadlineOf(facts, machine, segment))),
      before,
    };
    for (const record of await turnstile.run(() => store.stateEvents(query))) {
      for (const event of decoded(decoder, [record])) trails.get(event.machine)?.accept(event);
      if (giveWay.due) await giveWay.now();
    }
    signal.throwIfAborted();
  };
  const readGroup = async (some: readonly Asked[]): Promise<void> => {
    try {
      await read(some, 0);
    } catch (error) {
      if (!(error instanceof StoreError && error.code === "OEE_STORE_TOO_LARGE") || some.length === 1) throw error;
      // Machines that change their state every few seconds have too many events in so many days.
      const half = some.length >> 1;
      await readGroup(some.slice(0, half));
      return readGroup(some.slice(half));
    }
    // Most segments begin at a state event with a reason. The reason of the others was given by an event further back.
    const others = some.filter(({ machine, segment }) => trails.get(machine)?.namesReasonAt(segment.from) !== true);
    if (others.length > 0) await read(others, STATES_BEFORE);
  };
  for (const some of inTurn(asked, TRAILS_TOGETHER)) await readGroup(some);
  return trails;
}

function deadlineOf(facts: StoredFacts, machine: Machine, segment: StopSegment): number {
  return reasonDeadline(segment, facts.lastScheduled(machine, segment)?.shiftEnd ?? null);
}

interface Asked {
  readonly machine: Machine;
  readonly segment: StopSegment;
}

/**
 * Groups of at most `max` segments, by their start. Those of a group begin within a day, or within so many days that days ×
 * machines are at most `max`: a question reads the state events of these days and not of the whole period.
 */
function* inTurn(asked: ReadonlyMap<Machine, readonly StopSegment[]>, max: number): Generator<readonly Asked[]> {
  const all = [...asked].flatMap(([machine, segments]) => segments.map((segment) => ({ machine, segment })));
  all.sort((a, b) => a.segment.from - b.segment.from);
  const spanMs = Math.max(1, Math.floor(max / Math.max(1, asked.size))) * DAY_MS;
  let some: Asked[] = [];
  for (const one of all) {
    const [first] = some;
    if (first !== undefined && (one.segment.from > first.segment.from + spanMs || some.length === max)) {
      yield some;
      some = [];
    }
    some.push(one);
  }
  if (some.length > 0) yield some;
}
