/** Counts of reasons (RS-1, RS-2) are the same from stored rows as from files, with random stops, silences and corrections. */
import { MachineHistory } from "@oee/engine";
import { formatInstant, type Machine } from "@oee/model";
import { Turnstile } from "@oee/pacing";
import { HistoryFacts, RecordedMachine, RecordedRefusals, reasonsOf } from "@oee/review";
import { type EventRecord, type Store, StoreError } from "@oee/store";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  decoded,
  FILLER,
  HOUR,
  machineOf,
  MINUTE,
  openTestStore,
  PLANT_TEXT,
  plantOf,
  PRESS,
  SAW,
  START,
} from "../../test/gateway-fixture.ts";
import { answerFrom } from "./fact-loader.ts";

const PLANT = plantOf(
  PLANT_TEXT.replace("filler: { name: Filler,", "filler: { name: Filler, staleAfter: 20m, reasonAfter: 12m,")
    .replace("press: {", "press: { staleAfter: 20m,")
    .replace("saw: {", "saw: { reasonAfter: 7m, minorStopThreshold: 3m,")
    .replace("  no-orders:", "  other: { vague: true, children: { known: { vague: false } } }\n  no-orders:"),
);
const { plant, model } = PLANT;
const MACHINES = [FILLER, PRESS, SAW].map((id) => machineOf(id, plant));
const DAY = 24 * HOUR;
const DAYS = 9;

let store: Store;
let closeStore: () => Promise<void>;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(async () => closeStore());

const REASONS = [null, null, "mechanical/jam", "mechanical", "other", "other/known"];

/** A random history: stops of several segments, reasons that come with the state, later, or after a silence, and corrections at any time. */
function historyOf(seed: number, start: number): readonly object[] {
  let state = seed;
  const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const reason = (): object => {
    const one = REASONS[Math.floor(random() * REASONS.length)];
    return one === null || one === undefined ? {} : { reason: one };
  };
  const events: object[] = [];
  for (const { id: machine } of MACHINES) {
    for (let at = 3 * random(); at < DAYS * 24 * 60; at += 10 + 90 * random() ** 2) {
      const add = (minutes: number, more: object): void =>
        void events.push({ machine, at: formatInstant(start + Math.round(minutes * MINUTE)), ...more });
      add(at, { type: "state", state: "running" });
      at += 5 + 20 * random();
      add(at, { type: "state", state: random() < 0.8 ? "down" : "idle", ...reason() });
      for (let parts = Math.floor(3 * random()); parts > 0; parts--) {
        // One in five steps is long: often enough for a silence, at times beyond the end of a shift.
        at += random() < 0.2 ? 900 * random() : 25 * random();
        add(at, { type: "state", state: random() < 0.8 ? "down" : "idle", ...reason() });
      }
      at += 15 * random();
      if (random() < 0.15) {
        const from = at - 60 * random();
        const [since, until] = [from, from + 90 * random()].map((minutes) =>
          formatInstant(start + Math.round(minutes * MINUTE)),
        );
        const what = random();
        const more =
          what < 0.2 ? { clear: true } : what < 0.4 ? { state: "down", ...reason() } : { reason: "mechanical" };
        add(at + 1_500 * random(), { type: "correction", from: since, to: until, by: "anna", ...more });
      }
    }
  }
  return events;
}

let runs = 0;

let refusals = 0;
/** The store, which finds no event next to an instant, and has too many state events for an answer where they are of more than three days. */
const ofFewEvents = (): Store =>
  new Proxy(store, {
    get: (target, name) => {
      if (name === "statesAround") return () => Promise.resolve([]);
      if (name === "stateEvents") {
        return (query: Parameters<Store["stateEvents"]>[0]) => {
          if (query.to - query.from <= 3 * DAY) return target.stateEvents(query);
          refusals++;
          return Promise.reject(new StoreError("OEE_STORE_TOO_LARGE", "too many state events"));
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });

test("RS-1, RS-2: counts of reasons are the same from stored rows and from files, over any part of a history", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 2_000_000_000 }),
      fc.array(fc.tuple(fc.nat(DAYS * 96), fc.nat(DAYS * 96), fc.nat(3 * 24)), { minLength: 6, maxLength: 6 }),
      async (seed, spans) => {
        const start = START + runs++ * 8 * DAYS * DAY;
        const now = start + DAYS * DAY;
        const records = new Map<Machine, RecordedMachine>(
          MACHINES.map((machine) => [machine, new RecordedMachine(model, machine)]),
        );
        const events = historyOf(seed, start).map((raw) => ({
          raw,
          event: decoded([raw], plant)[0] as NonNullable<ReturnType<typeof decoded>[0]>,
        }));
        const stored: EventRecord[] = [];
        const histories = new Map(MACHINES.map((machine) => [machine, new MachineHistory(model, machine)]));
        for (const [offset, { raw, event }] of events.entries()) {
          records.get(event.machine)?.accept(event);
          histories.get(event.machine)?.accept(event);
          const place = { topic: "test.events", partition: runs, offset, index: 0, id: null, repeat: false };
          const { machine, type, at } = event;
          stored.push({ machine: machine.id, type, at, ...place, receivedAt: at, raw: JSON.stringify(raw) });
        }
        for (const history of histories.values()) {
          const { stops } = history.evaluate({ from: start, to: now, now });
          await store.insertStops(stops, { version: BigInt(runs), plantVersion: plant.version });
        }
        await store.insertEvents(stored.filter(({ at, type }) => at < now || type === "correction"));
        const files = new HistoryFacts(
          model,
          now,
          (machine) => records.get(machine) as RecordedMachine,
          new RecordedRefusals(),
        );
        const sources = {
          store,
          turnstile: new Turnstile(4, 100, () => new Error("too many wait")),
          recordOf: () => null,
          signal: new AbortController().signal,
          refusals: new RecordedRefusals(),
        };
        for (const [one, other, later] of spans) {
          const [first, last] = [Math.min(one, other), Math.max(one, other) + 1];
          const period = { from: start + first * 15 * MINUTE, to: Math.min(now, start + last * 15 * MINUTE) };
          const at = Math.min(now, period.to + later * HOUR);
          const of = MACHINES.map((machine) => ({ machine, period }));
          const right = reasonsOf(files, of, at);
          const got = await answerFrom(sources, model, now, (facts) => reasonsOf(facts, of, at));
          const shown = ({ due, inTime, lacking, first: listed }: typeof right): object => ({
            due,
            inTime,
            lacking,
            first: listed.map(({ machine, segment: { from, open, scheduledDuration } }) => [
              machine.id,
              from,
              open,
              scheduledDuration,
            ]),
          });
          expect([period, at, shown(got)]).toEqual([period, at, shown(right)]);
          const parts = await answerFrom({ ...sources, store: ofFewEvents() }, model, now, (facts) =>
            reasonsOf(facts, of, at),
          );
          expect([period, at, shown(parts)]).toEqual([period, at, shown(right)]);
        }
      },
    ),
    { numRuns: Number(process.env["OEE_REASON_RUNS"] ?? 3), endOnFailure: true },
  );
  expect(refusals, "questions of more than three days").toBeGreaterThan(0);
});
