/**
 * Alerts (AL) of random histories are compared with those of a naive count minute by minute. Looking for alerts again and again
 * while events come must give the alerts of one look over the whole log, also if events come late and in any order.
 */
import { PlantModel } from "@oee/engine";
import { ALERT_KINDS, type AlertKind, EventDecoder, formatInstant, isRefusal, type Plant } from "@oee/model";
import {
  AlertBoard,
  type AlertLook,
  HistoryFacts,
  machinesMet,
  metNow,
  type Met,
  Programme,
  readEntry,
  isEntryRefusal,
  RecordedMachine,
  RecordedRefusals,
  wasLookedFor,
} from "@oee/review";
import fc from "fast-check";
import { expect, test } from "vitest";
import { plantFrom } from "../support/plant.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday. */
const START = Date.UTC(2026, 2, 2);
const LENGTH = 20 * HOUR;

const PLANT = plantOf(`enterprise: e
sites: { s: { calendar: day, areas: { a: { lines: { l: { constraint: m, machines:
  { m: { idealCycleSeconds: 60, minorStopThreshold: 5m, reasonAfter: 10m }, n: { idealCycleSeconds: 60, minorStopThreshold: 0 } } } } } } } }
calendars: { day: { shifts: [{ name: early, days: mon-sun, start: "02:00", end: "18:00", breaks: [{ start: "10:00", end: "10:30" }] }] } }
reasons: { jam: {}, other: { vague: true } }
windows: [1h]
roles: [lead]
chains: { one: [{ after: 0, to: lead }] }
alerts:
  - { id: stop, kind: stop, for: 20m, chain: one }
  - { id: jam, kind: stop, for: 12m, reason: jam, chain: one }
  - { id: why, kind: no-reason, for: 15m, chain: one }
  - { id: quiet, kind: silent, for: 30m, chain: one }
  - { id: low, kind: kpi, scope: s/a/l, measure: availability, window: 1h, below: 0.6, for: 10m, clear: 0.1, chain: one }
  - { id: late, kind: late, scope: s/a/l, hop: log, p95: 2s, for: 3m, chain: one }
`);
const MODEL = new PlantModel(PLANT);

function plantOf(text: string): Plant {
  return plantFrom(text);
}

interface Arrival {
  readonly at: number;
  readonly event: Readonly<Record<string, unknown>>;
}

const span = fc.record({
  gap: fc.integer({ min: 1, max: 90 }),
  length: fc.integer({ min: 1, max: 120 }),
  reason: fc.constantFrom(undefined, undefined, "jam", "other"),
  /** How many minutes after the stop's beginning a correction gives its reason; null: no correction. */
  explained: fc.option(fc.integer({ min: 1, max: 200 })),
});
const history = fc.record({ m: fc.array(span, { maxLength: 20 }), n: fc.array(span, { maxLength: 20 }) });
/** By how many minutes each event comes late: most by 0. */
const delays = fc.infiniteStream(fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 400 })));

interface Span {
  readonly gap: number;
  readonly length: number;
  readonly reason: string | undefined;
  readonly explained: number | null;
}

function eventsOf(list: readonly Span[], machine: string): Readonly<Record<string, unknown>>[] {
  const events: Readonly<Record<string, unknown>>[] = [{ type: "state", machine, at: START, state: "running" }];
  let minute = 0;
  for (const { gap, length, reason, explained } of list) {
    const [began, ended] = [minute + gap, minute + gap + length];
    if (ended * MINUTE >= LENGTH) break;
    const why = reason === undefined ? {} : { reason };
    events.push({ type: "state", machine, at: START + began * MINUTE, state: "down", ...why });
    events.push({ type: "state", machine, at: START + ended * MINUTE, state: "running" });
    if (explained !== null) {
      const [from, to] = [START + began * MINUTE, START + ended * MINUTE];
      events.push({ type: "correction", machine, at: from + explained * MINUTE, from, to, reason: "jam" });
    }
    minute = ended;
  }
  return events;
}

function factsOf(events: readonly Readonly<Record<string, unknown>>[], now: number): HistoryFacts {
  const decoder = new EventDecoder(PLANT, { maxFutureMs: 0 });
  const records = new Map(PLANT.machines.map((machine) => [machine, new RecordedMachine(MODEL, machine)]));
  for (const event of events) {
    const instants = Object.fromEntries(
      ["at", "from", "to"].flatMap((name) =>
        event[name] === undefined ? [] : [[name, formatInstant(event[name] as number)]],
      ),
    );
    const decoded = decoder.decodeValue({ ...event, ...instants }, null);
    if (isRefusal(decoded)) throw new Error(decoded.detail);
    records.get(decoded.machine)?.accept(decoded);
  }
  return new HistoryFacts(MODEL, now, (machine) => records.get(machine) as RecordedMachine, new RecordedRefusals());
}

const PROGRAMME = new Programme(PLANT, () => null);

/** The 95th percentile of latency in a minute, in ms: 20 of every 100 minutes are slow. It is made up, for events do not hold when they arrived. */
function p95Of(_scope: unknown, _hop: string, minute: number): number | null {
  const place = (minute - START) / MINUTE;
  return place < 0 || place % 7 === 0 ? null : place % 100 < 20 ? 3_000 : 100;
}

function lookFrom(from: number, kinds: ReadonlySet<AlertKind> = new Set(ALERT_KINDS)): AlertLook {
  return { from, lookBackMs: 8 * HOUR, kinds, programme: PROGRAMME, p95Of, isKnownToNow: () => true };
}

function lookAt(board: AlertBoard, facts: HistoryFacts, look: AlertLook): void {
  board.take(metNow(board, facts, look), (known) => wasLookedFor(look, known, facts), facts.now);
}

function told(met: readonly Met[]): readonly unknown[] {
  return met.map(({ ticket, opens, resolves }) => [ticket, formatInstant(opens), resolves]);
}

function inForce(board: AlertBoard): readonly unknown[] {
  return told(board.all().filter(({ withdrawn }) => withdrawn === null));
}

test("AL-1: looking for alerts every few minutes, four hours back each time, gives the alerts of one look over the whole log", () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(history, fc.integer({ min: 11, max: 37 }), ({ m, n }, every) => {
      const events = [...eventsOf(m, "s/a/l/m"), ...eventsOf(n, "s/a/l/n")];
      const end = START + LENGTH;
      const board = new AlertBoard();
      for (let now = START + every * MINUTE; now < end; now += every * MINUTE) {
        const known = events.filter(({ at }) => (at as number) < now);
        lookAt(board, factsOf(known, now), lookFrom(now - 4 * HOUR));
      }
      const facts = factsOf(events, end);
      lookAt(board, facts, lookFrom(end - 4 * HOUR));
      const whole = new AlertBoard();
      lookAt(whole, facts, lookFrom(START));
      for (const { kind } of whole.all()) kinds.add(kind);
      expect(inForce(board)).toEqual(inForce(whole));
      expect(board.all().filter(({ withdrawn }) => withdrawn !== null)).toEqual([]);
    }),
    { numRuns: 4 },
  );
  expect([...kinds].toSorted()).toEqual(["kpi", "late", "no-reason", "silent", "stop"]);
});

const LONG = plantOf(`enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 60, reasonAfter: 30m } } } } } } } }
reasons: { jam: {}, belt: {} }
roles: [lead]
chains: { one: [{ after: 0, to: lead }] }
alerts:
  - { id: stop, kind: stop, for: 6h, chain: one }
  - { id: jam, kind: stop, for: 5h, reason: jam, chain: one }
  - { id: why, kind: no-reason, for: 1h, chain: one }
`);
const LONG_MODEL = new PlantModel(LONG);

test("AL-1: short looks find the alerts of stops of many segments, the first of which ended long before the look", () => {
  // No state without a reason is followed by the same with one, which would tell of alerts of former time (TL-3).
  const segment = fc.record({
    length: fc.integer({ min: 10, max: 400 }),
    word: fc.constantFrom(
      { state: "idle", reason: null },
      { state: "down", reason: "jam" },
      { state: "down", reason: "belt" },
    ),
  });
  const [machine] = LONG.machines;
  if (machine === undefined) throw new Error("no machine");
  let opened = 0;
  fc.assert(
    fc.property(fc.array(segment, { minLength: 2, maxLength: 8 }), fc.integer({ min: 11, max: 37 }), (list, every) => {
      const events: { at: number; state: string; reason: string | null }[] = [
        { at: START, state: "running", reason: null },
      ];
      let at = START + HOUR;
      for (const { length, word } of list) {
        events.push({ at, ...word });
        at += length * MINUTE;
      }
      events.push({ at, state: "running", reason: null });
      const end = at + 3 * HOUR;
      const decoder = new EventDecoder(LONG, { maxFutureMs: 0 });
      const facts = (now: number): HistoryFacts => {
        const record = new RecordedMachine(LONG_MODEL, machine);
        for (const event of events.filter((one) => one.at < now)) {
          const given = { type: "state", machine: machine.id, ...event, at: formatInstant(event.at) };
          const decoded = decoder.decodeValue(given, null);
          if (isRefusal(decoded)) throw new Error(decoded.detail);
          record.accept(decoded);
        }
        return new HistoryFacts(LONG_MODEL, now, () => record, new RecordedRefusals());
      };
      const look = (from: number): AlertLook => ({ ...lookFrom(from), lookBackMs: 2 * HOUR });
      const board = new AlertBoard();
      for (let now = START + every * MINUTE; now < end; now += every * MINUTE) {
        lookAt(board, facts(now), look(now - 2 * HOUR));
      }
      lookAt(board, facts(end), look(end - 2 * HOUR));
      const whole = new AlertBoard();
      lookAt(whole, facts(end), look(START));
      expect(told(board.all())).toEqual(told(whole.all()));
      opened += whole.all().length;
    }),
    { numRuns: 60 },
  );
  expect(opened).toBeGreaterThan(0);
});

test("AL-4: when events come late, in any order, alerts that they disprove are withdrawn, and those left are the ones of a replay of the log", () => {
  let withdrawn = 0;
  fc.assert(
    fc.property(history, delays, ({ m, n }, late) => {
      const events = [...eventsOf(m, "s/a/l/m"), ...eventsOf(n, "s/a/l/n")];
      const arrivals: Arrival[] = events.map((event) => ({
        at: (event["at"] as number) + (late.next().value ?? 0) * MINUTE,
        event,
      }));
      arrivals.sort((a, b) => a.at - b.at);
      const end = START + LENGTH + 7 * HOUR;
      const board = new AlertBoard();
      const machines = new Set<AlertKind>(["stop", "no-reason", "silent"]);
      for (let now = START; now <= end; now += 45 * MINUTE) {
        const known = arrivals.filter(({ at }) => at < now).map(({ event }) => event);
        lookAt(board, factsOf(known, now), lookFrom(START, machines));
      }
      const replayed = factsOf(
        arrivals.map(({ event }) => event),
        end,
      );
      lookAt(board, replayed, lookFrom(START, machines));
      const whole = new AlertBoard();
      lookAt(whole, replayed, lookFrom(START, machines));
      expect(inForce(board)).toEqual(inForce(whole));
      withdrawn += board.all().filter((one) => one.withdrawn !== null).length;
    }),
    { numRuns: 15 },
  );
  expect(withdrawn).toBeGreaterThan(0);
});

/** Whether a minute since `START` is scheduled: 02:00 to 18:00 UTC, without 10:00 to 10:30. */
function scheduled(minute: number): boolean {
  const ofDay = minute % 1440;
  return ofDay >= 120 && ofDay < 1080 && !(ofDay >= 600 && ofDay < 630);
}

/** Tickets of the alerts that a machine's stops open, found by counting scheduled minutes one by one. `threshold` and `needsAfter` are minutes. */
function naive(list: readonly Span[], machine: string, threshold: number, needsAfter: number): Met["ticket"][] {
  const tickets: string[] = [];
  const ticket = (rule: string, at: number): string => `${rule}/${machine}@${formatInstant(START + at * MINUTE)}`;
  const reach = (from: number, minutes: number): number => {
    let left = minutes;
    let at = from;
    for (; left > 0; at++) left -= Number(scheduled(at));
    return at;
  };
  const last = LENGTH / MINUTE;
  const signs = [0];
  let minute = 0;
  for (const { gap, length, reason, explained } of list) {
    const [began, ended] = [minute + gap, minute + gap + length];
    if (ended * MINUTE >= LENGTH) break;
    minute = ended;
    signs.push(began, ended);
    const inside = Array.from({ length }, (_, i) => Number(scheduled(began + i))).reduce((sum, one) => sum + one, 0);
    if (inside < Math.max(threshold, 1)) continue;
    // A correction's reason holds for the whole stop, whenever the correction was made.
    const isJam = reason === "jam" || explained !== null;
    if (reach(began, Math.max(20, threshold)) <= ended) tickets.push(ticket("stop", began));
    if (isJam && reach(began, Math.max(12, threshold)) <= ended) tickets.push(ticket("jam", began));
    if (inside < needsAfter) continue;
    const opens = reach(reach(began, Math.max(threshold, needsAfter)), 15);
    const given = reason === "jam" ? began : explained === null ? Infinity : began + explained;
    if (given > opens && opens <= last) tickets.push(ticket("why", began));
  }
  for (const [i, at] of signs.entries()) {
    const opens = reach(at, 30);
    if (opens < (signs[i + 1] ?? Infinity) && opens <= last) tickets.push(ticket("quiet", at));
  }
  return tickets.toSorted();
}

test("AL-1: stops, missing reasons and silences are those that counting scheduled minutes one by one finds", () => {
  fc.assert(
    fc.property(history, ({ m, n }) => {
      const facts = factsOf([...eventsOf(m, "s/a/l/m"), ...eventsOf(n, "s/a/l/n")], START + LENGTH);
      const found = machinesMet(facts, null).map(({ ticket }) => ticket);
      expect([...found].sort()).toEqual([...naive(m, "s/a/l/m", 5, 10), ...naive(n, "s/a/l/n", 0, 0)].toSorted());
    }),
    { numRuns: 200 },
  );
});

test("AL-1: a target that was behind at three midnights in a row opens one alert, which ends at a midnight", () => {
  const plant = plantOf(`enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 60 } } } } } } } }
roles: [lead]
chains: { one: [{ after: 0, to: lead }] }
alerts: [{ id: goal, kind: behind, scope: s, for: 3, chain: one }]
`);
  const programme = new Programme(plant, () => null);
  const entry = readEntry(plant, {
    type: "target",
    id: "av",
    rev: 1,
    scope: "s",
    measure: "availability",
    value: 0.9,
    over: 7,
    from: "2026-03-02",
  });
  if (isEntryRefusal(entry)) throw new Error(entry.detail);
  expect(programme.accept(entry)).toBeNull();
  const model = new PlantModel(plant);
  const [machine] = plant.machines;
  if (machine === undefined) throw new Error("no machine");
  const record = new RecordedMachine(model, machine);
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  // The machine runs half of each of the first six days, and all the time afterwards.
  const words: [number, string][] = [];
  for (let day = 0; day < 6; day++) {
    words.push([START + day * DAY, "running"], [START + day * DAY + DAY / 2, "down"]);
  }
  words.push([START + 6 * DAY, "running"]);
  for (const [at, state] of words) {
    const decoded = decoder.decodeValue({ type: "state", machine: machine.id, at: formatInstant(at), state }, null);
    if (isRefusal(decoded)) throw new Error(decoded.detail);
    record.accept(decoded);
  }
  const facts = new HistoryFacts(model, START + 20 * DAY, () => record, new RecordedRefusals());
  const board = new AlertBoard();
  const look: AlertLook = {
    from: START - DAY,
    lookBackMs: DAY,
    kinds: new Set(ALERT_KINDS),
    programme,
    p95Of: () => null,
    isKnownToNow: () => true,
  };
  board.take(metNow(board, facts, look), (known) => wasLookedFor(look, known, facts), facts.now);
  const [alert, ...more] = board.all();
  expect(more).toEqual([]);
  // The target is behind at the ends of its first three days. At the midnight after 12 days the last seven have one half
  // day of standstill, so availability is 0.928 and the alert ends.
  expect(alert).toMatchObject({ ticket: "goal/av", opens: START + 3 * DAY, resolves: START + 12 * DAY });
});
