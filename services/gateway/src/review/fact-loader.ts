/** Runs rules of the review over stored rows: reads what facts they asked for in vain, and calls them again until no fact is lacking. */
import type { Period } from "@oee/calendar";
import type { PlantModel } from "@oee/engine";
import { type EventDecoder, type JobEvent, type Machine, type PlantEvent, type StopSegment } from "@oee/model";
import {
  daysIn,
  type Facts,
  LATE_EVENTS_MAX,
  LATE_MS,
  type ListedSegment,
  ReasonTrail,
  type Silence,
  type StopTotal,
} from "@oee/review";
import { GiveWay } from "@oee/pacing";
import type { EventType, StopKey, StopsPage } from "@oee/store";
import { scheduledMsOf } from "../answers/scheduled-time.ts";
import { HttpProblem } from "../problems.ts";
import { cellsOfPeriods } from "./cell-sums.ts";
import { knownAt } from "./known-stops.ts";
import { loadReasons } from "./reason-loader.ts";
import { plantFilesOfRows } from "./row-plant-files.ts";
import { decoded, decoderOf, type FactSources, loadCorrections, EVENTS_BEFORE } from "./stored-events.ts";
import { toldSegments } from "./told-segments.ts";
import { Kept, keyOf, type Lacking, PartsToCome, StoredFacts } from "./stored-facts.ts";

/** Most rounds of reading and calling the rules again; no rule needs as many. */
const ROUNDS_MAX = 40;
const PAGE_ROWS = 10_000;
/** Most segments of stops that one answer may read. */
const SEGMENTS_MAX = 1_000_000;
/** A period that holds all stored time. */
const ALWAYS: Period = { from: 0, to: Date.UTC(2100, 0, 1) };
/** Segments are read up to this far behind a period, for the length of stops that go on there. A stop that is longer still is above every threshold. */
const LOOK_BEHIND_MS = 24 * 3_600_000;
const TRAILS_TOGETHER = 500;

/** What `ask` makes of stored rows as known at `now` (epoch ms, a whole minute). */
export async function answerFrom<T>(
  sources: FactSources,
  model: PlantModel,
  now: number,
  ask: (facts: Facts) => T,
): Promise<T> {
  const facts = new StoredFacts(model, now, sources.refusals, sources.lastHeard);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    let answer: { readonly value: T } | { readonly error: unknown };
    try {
      answer = { value: ask(facts) };
    } catch (error) {
      if (error instanceof PartsToCome) {
        await facts.giveWay();
        sources.signal.throwIfAborted();
        round--;
        continue;
      }
      // An error counts only if no fact was lacking: lacking facts were answered with nothing.
      answer = { error };
    }
    const lacking = facts.endRound();
    if (lacking === null) {
      if ("error" in answer) throw answer.error;
      return answer.value;
    }
    await load(sources, model, facts, lacking);
    sources.signal.throwIfAborted();
  }
  throw new Error(`the rules asked for more after ${ROUNDS_MAX} readings`);
}

/** The store answers two questions at a time, and meanwhile the answers of others are taken in. */
async function load(sources: FactSources, model: PlantModel, facts: StoredFacts, lacking: Lacking): Promise<void> {
  await Promise.all([loadSums(sources, model, facts, lacking), loadSingle(sources, model, facts, lacking)]);
  // From the earliest of the segments that were loaded.
  await loadTrails(sources, decoderOf(model.plant), facts, [...lacking.trails]);
}

async function loadSums(sources: FactSources, model: PlantModel, facts: StoredFacts, lacking: Lacking): Promise<void> {
  const giveWay = new GiveWay();
  for (const { machines, periods } of await bySamePeriods(lacking.cells, giveWay)) {
    const cells = await cellsOfPeriods(sources, model, machines, periods, facts.now);
    for (const [machine, own] of cells) {
      for (const [i, period] of periods.entries()) facts.cells.set(machine, period, own[i] ?? new Map());
      if (giveWay.due) await giveWay.now();
    }
  }
  for (const { period, machines } of byPeriod(lacking.totals))
    await loadTotals(sources, model, facts, machines, period);
  for (const { period, machines } of byPeriod(lacking.segments)) {
    await loadSegments(sources, model, facts, machines, period);
  }
}

/** What is told of single stops and events: reasons in time, the longest stops, and what else is not a sum of components. */
async function loadSingle(
  sources: FactSources,
  model: PlantModel,
  facts: StoredFacts,
  lacking: Lacking,
): Promise<void> {
  const giveWay = new GiveWay();
  for (const [at, asked] of lacking.reasons) {
    for (const { period, machines } of byPeriod(asked)) await loadReasons(sources, model, facts, machines, period, at);
  }
  const { store, turnstile } = sources;
  for (const [key, period] of lacking.seen) {
    facts.seen.set(key, await turnstile.run(() => store.machinesSeen({ machines: { under: "*" }, period })));
  }
  for (const [key, { machines, period }] of lacking.latencies) {
    const query = { machines: machines.map(({ id }) => id), period };
    const byHop = new Map<string, [number, number][]>();
    for (const { hop, bucket, count } of await turnstile.run(() => store.latencies(query))) {
      const own = byHop.get(hop);
      if (own === undefined) byHop.set(hop, [[bucket, count]]);
      else own.push([bucket, count]);
    }
    facts.latencies.set(key, byHop);
  }
  for (const [key, { machines, period, count }] of lacking.longest) {
    const query = { machines: machines.map(({ id }) => id), period, limit: count };
    const segments = await turnstile.run(() => store.longestStops(query));
    facts.longest.set(key, await knownAt(model, segments, facts.now, sources.recordOf, giveWay));
  }
  await loadAbove1(sources, facts, lacking);
  for (const [key, { machines, period }] of lacking.doubts) {
    const query = { machines: machines.map(({ id }) => id), period };
    facts.doubts.set(key, await turnstile.run(() => store.countDoubts(query)));
  }
  for (const [key, { machines, period, after }] of lacking.late) {
    const query = { machines: machines.map(({ id }) => id), period, lateMs: LATE_MS, after, countMax: LATE_EVENTS_MAX };
    facts.late.set(key, await turnstile.run(() => store.lateEvents(query)));
  }
  for (const [key, { scope, period }] of lacking.plantFiles) {
    facts.plantFiles.set(key, await plantFilesOfRows(sources, model.plant, scope, period));
  }
  const corrected = [...lacking.corrections].filter((machine) => !facts.corrections.has(machine));
  if (corrected.length > 0) await loadCorrections(sources, model, facts, corrected);
  const decoder = decoderOf(model.plant);
  for (const [machine, spans] of lacking.told) {
    for (const span of spans) {
      facts.told.set(machine, span, await toldSegments(sources, model, machine, span, facts.now));
      if (giveWay.due) await giveWay.now();
    }
  }
  for (const machine of lacking.jobs) {
    const events = await eventsOf(sources, decoder, machine, ["job"]);
    const jobs = events.filter((event): event is JobEvent => event.type === "job");
    facts.jobs.set(machine, inForce(jobs));
  }
  for (const [longerThanMs, asked] of lacking.silences) {
    for (const { period, machines } of byPeriod(asked))
      await loadSilences(sources, facts, machines, period, longerThanMs);
  }
}

/** Days with a performance above 1 of all machines that are asked about in a period at once: a ranking asks for each of its scopes. */
async function loadAbove1({ store, turnstile }: FactSources, facts: StoredFacts, { above1 }: Lacking): Promise<void> {
  const asked = new Map<string, { readonly period: Period; readonly machines: Set<Machine> }>();
  for (const { machines, period } of above1.values()) {
    const known = asked.get(keyOf(period));
    const all = known?.machines ?? new Set();
    for (const machine of machines) all.add(machine);
    if (known === undefined) asked.set(keyOf(period), { period, machines: all });
  }
  for (const { period, machines } of asked.values()) {
    const days = new Map<string, number>();
    for (const group of byZone([...machines])) {
      const query = { machines: group.map(({ id }) => id), periods: daysIn((group[0] as Machine).timezone, period) };
      for (const [machine, count] of await turnstile.run(() => store.periodsAbove1(query))) days.set(machine, count);
    }
    for (const [key, { machines: own, period: of }] of above1) {
      if (keyOf(of) !== keyOf(period)) continue;
      facts.above1.set(
        key,
        own.reduce((sum, { id }) => sum + (days.get(id) ?? 0), 0),
      );
    }
  }
}

/** Reads silences up to now, for the first event after the period ends the period's last silence. */
async function loadSilences(
  { store, turnstile }: FactSources,
  facts: StoredFacts,
  machines: ReadonlySet<Machine>,
  period: Period,
  longerThanMs: number,
): Promise<void> {
  const ids = [...machines].map(({ id }) => id);
  const asked = { from: Math.max(0, period.from), to: facts.now };
  const found = new Map<string, Silence[]>(ids.map((id) => [id, []]));
  for (const { machine, at, next } of await turnstile.run(() =>
    store.silences({ machines: ids, period: asked, longerThanMs }),
  )) {
    if (at < period.to) found.get(machine)?.push({ at, next });
  }
  let kept = facts.silences.get(longerThanMs);
  if (kept === undefined) facts.silences.set(longerThanMs, (kept = new Kept()));
  for (const machine of machines) kept.set(machine, period, found.get(machine.id) ?? []);
}

/** Groups the machines for which the same periods are asked for. */
async function bySamePeriods(
  lacking: ReadonlyMap<Machine, readonly Period[]>,
  giveWay: GiveWay,
): Promise<readonly { readonly machines: readonly Machine[]; readonly periods: readonly Period[] }[]> {
  const groups = new Map<string, { machines: Machine[]; periods: readonly Period[] }>();
  for (const [machine, asked] of lacking) {
    const distinct = new Map(asked.map((period) => [keyOf(period), period]));
    const key = [...distinct.keys()].toSorted().join(" ");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { machines: [machine], periods: [...distinct.values()] });
    else group.machines.push(machine);
    if (giveWay.due) await giveWay.now();
  }
  return [...groups.values()];
}

function byPeriod(
  lacking: ReadonlyMap<Machine, readonly Period[]>,
): Iterable<{ readonly period: Period; readonly machines: ReadonlySet<Machine> }> {
  const groups = new Map<string, { period: Period; machines: Set<Machine> }>();
  for (const [machine, asked] of lacking) {
    for (const period of asked) {
      const group = groups.get(keyOf(period));
      if (group === undefined) groups.set(keyOf(period), { period, machines: new Set([machine]) });
      else group.machines.add(machine);
    }
  }
  return groups.values();
}

function byZone(machines: readonly Machine[]): readonly (readonly Machine[])[] {
  const groups = new Map<Machine["timezone"], Machine[]>();
  for (const machine of machines) {
    const group = groups.get(machine.timezone);
    if (group === undefined) groups.set(machine.timezone, [machine]);
    else group.push(machine);
  }
  return [...groups.values()];
}

/** Reads stop totals: the store sums segments that lie whole in the period; those that cross its ends, or are open, are cut here by the calendar. */
async function loadTotals(
  { store, turnstile, recordOf }: FactSources,
  model: PlantModel,
  facts: StoredFacts,
  machines: ReadonlySet<Machine>,
  period: Period,
): Promise<void> {
  const ids = [...machines].map(({ id }) => id);
  const by = ["reason", "state", "machine"] as const;
  const { bars, crossing } = await turnstile.run(() => store.pareto({ machines: ids, period, by }));
  const giveWay = new GiveWay();
  const totals = new Map<string, StopTotal[]>(ids.map((id) => [id, []]));
  for (const { machine, reason, state, minor, segments, scheduledDurationMs } of bars) {
    if (giveWay.due) await giveWay.now();
    if (machine === null || scheduledDurationMs === 0n) continue;
    const scheduledMs = Number(scheduledDurationMs);
    totals.get(machine)?.push({ reason, state: state as StopTotal["state"], minor, scheduledMs, count: segments });
  }
  for (const { segment } of await knownAt(model, crossing, facts.now, recordOf, giveWay)) {
    const machine = model.plant.machineById.get(segment.machine);
    if (machine === undefined) continue;
    const { reason, state, minor, from, to } = segment;
    const scheduledMs = await scheduledMsOf(machine, Math.max(from, period.from), Math.min(to, period.to), giveWay);
    if (scheduledMs === 0) continue;
    // PA-1: a segment is counted in the period in which its first scheduled instant lies.
    const earlier = from < period.from ? await scheduledMsOf(machine, from, period.from, giveWay) : 0;
    totals.get(machine.id)?.push({ reason, state, minor, scheduledMs, count: earlier === 0 ? 1 : 0 });
  }
  for (const machine of machines) facts.totals.set(machine, period, totals.get(machine.id) ?? []);
}

async function loadSegments(
  sources: FactSources,
  model: PlantModel,
  facts: StoredFacts,
  machines: ReadonlySet<Machine>,
  period: Period,
): Promise<void> {
  const giveWay = new GiveWay();
  const asked = { from: period.from, to: Math.min(facts.now, period.to + LOOK_BEHIND_MS) };
  const found = new Map<string, ListedSegment[]>([...machines].map(({ id }) => [id, []]));
  let rest: StopSegment[] = [];
  let count = 0;
  const take = async (segments: readonly StopSegment[]): Promise<void> => {
    for (const listed of await knownAt(model, segments, facts.now, sources.recordOf, giveWay)) {
      const { machine, from, to } = listed.segment;
      if (from < period.to && to > period.from) found.get(machine)?.push(listed);
    }
  };
  for await (const page of pagesOf(
    sources,
    [...machines].map(({ id }) => id),
    asked,
  )) {
    count += page.length;
    if (count > SEGMENTS_MAX) {
      throw new HttpProblem(
        "OEE_HTTP_TOO_MANY_ELEMENTS",
        `the period has more than ${SEGMENTS_MAX} stops to look at; ask for a shorter one, or a smaller scope`,
      );
    }
    // The segments of the page's last machine may go on in the next one.
    const all = [...rest, ...page];
    const last = all.at(-1)?.machine;
    const end = all.findIndex(({ machine }) => machine === last);
    await take(all.slice(0, end));
    rest = all.slice(end);
    if (giveWay.due) await giveWay.now();
  }
  await take(rest);
  for (const machine of machines) facts.segments.set(machine, period, found.get(machine.id) ?? []);
}

async function* pagesOf(
  { store, turnstile, signal }: FactSources,
  machines: readonly string[],
  period: Period,
): AsyncGenerator<readonly StopSegment[]> {
  let after: StopKey | null = null;
  do {
    const query = { machines, period, limit: PAGE_ROWS, ...(after === null ? {} : { after }) };
    const page: StopsPage = await turnstile.run(() => store.stops(query));
    yield page.stops;
    after = page.next;
    signal.throwIfAborted();
  } while (after !== null);
}

/** Reads the trails of reasons (RS-2): state events and corrections, of many machines in one question. */
async function loadTrails(
  { store, turnstile, signal }: FactSources,
  decoder: EventDecoder,
  facts: StoredFacts,
  machines: readonly Machine[],
): Promise<void> {
  const giveWay = new GiveWay();
  for (let i = 0; i < machines.length; i += TRAILS_TOGETHER) {
    const some = machines.slice(i, i + TRAILS_TOGETHER);
    const ids = some.map(({ id }) => id);
    const earliest = Math.min(...some.map((machine) => facts.earliestStop(machine)));
    const from = Number.isFinite(earliest) ? earliest : 0;
    const query = { machines: ids, from, to: facts.now, before: EVENTS_BEFORE };
    const trails = new Map(some.map((machine) => [machine.id, new ReasonTrail()]));
    const states = await turnstile.run(() => store.stateEvents(query));
    const corrections = await turnstile.run(() => store.corrections(ids));
    for (const record of [...states, ...corrections]) {
      for (const event of decoded(decoder, [record])) trails.get(event.machine.id)?.accept(event);
      if (giveWay.due) await giveWay.now();
    }
    for (const machine of some) facts.trails.set(machine, trails.get(machine.id) ?? new ReasonTrail());
    signal.throwIfAborted();
  }
}

async function eventsOf(
  { store, signal }: FactSources,
  decoder: EventDecoder,
  machine: Machine,
  types: readonly EventType[],
): Promise<readonly PlantEvent[]> {
  const events: PlantEvent[] = [];
  for await (const records of store.events({ machine: machine.id, types, ...ALWAYS })) {
    events.push(...decoded(decoder, records));
    signal.throwIfAborted();
  }
  return events;
}

/** The jobs in order of time; of several at one instant the later in log order holds (CN-3). */
function inForce(jobs: readonly JobEvent[]): readonly JobEvent[] {
  const byInstant = new Map(jobs.map((job) => [job.at, job]));
  return [...byInstant.values()].sort((a, b) => a.at - b.at);
}
