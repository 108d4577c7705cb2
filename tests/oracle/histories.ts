/**
 * Generators of random small plants and histories, which fast-check can shrink. Instants lie on minutes, half minutes, seconds and
 * milliseconds, so that events often coincide or nearly do; on most days the zone changes its clocks. Generated values are plain
 * data, so that a printed counterexample can be pasted into a test.
 */
import { CATEGORIES, STATE_NAMES, type StateName } from "@oee/model";
import * as fc from "fast-check";
import {
  type BareEvent,
  type CalendarFile,
  count,
  job,
  type Quantities,
  type ShiftFile,
  type SmallPlant,
  state,
  total,
} from "./plants.ts";
import { addDays, HOUR_MS, localDate, MINUTE_MS } from "./wall-clock.ts";

export interface History {
  readonly plant: SmallPlant;
  /** In log order. */
  readonly log: readonly BareEvent[];
  readonly from: number;
  readonly to: number;
  readonly now: number;
}

interface Place {
  readonly zone: string;
  readonly start: number;
}

/** Zones with instants at which a history may begin, on ordinary days and on days on which the clocks change. */
export const PLACES: readonly Place[] = (
  [
    ["UTC", "2026-03-02T05:00Z"],
    [
      "Europe/Berlin",
      "2026-03-02T05:00Z",
      "2026-03-28T20:00Z",
      "2026-03-29T00:30Z",
      "2026-10-24T19:00Z",
      "2026-10-25T00:00Z",
    ],
    ["America/Sao_Paulo", "2018-11-04T01:00Z", "2018-11-04T02:30Z", "2018-02-18T00:00Z", "2026-03-02T05:00Z"],
    ["Australia/Lord_Howe", "2026-10-03T10:00Z", "2026-10-03T15:15Z", "2026-04-04T12:00Z", "2026-04-04T14:30Z"],
    ["America/New_York", "2026-03-08T02:00Z", "2026-03-08T06:30Z", "2026-11-01T02:00Z", "2026-11-01T05:00Z"],
  ] as const
).flatMap(([zone, ...starts]) => starts.map((start) => ({ zone, start: Date.parse(start) })));

/** Zone, beginning and length (ms) of a history, and its few states and reasons: few, so that one often follows itself. */
interface Frame extends Place {
  readonly span: number;
  readonly states: readonly StateName[];
  readonly reasons: readonly string[];
}

const REASONS = ["a", "a/b", "a/b/c", "a/x", "d", "z"];

const frames: fc.Arbitrary<Frame> = fc
  .record({
    place: fc.constantFrom(...PLACES),
    span: fc.constantFrom(20 * MINUTE_MS, 3 * HOUR_MS, 10 * HOUR_MS, 26 * HOUR_MS, 80 * HOUR_MS),
    states: fc.oneof(
      { weight: 2, arbitrary: fc.constant(["running", "idle", "down"] as const) },
      { weight: 1, arbitrary: fc.constant(["running", "down", "down", "blocked", "setup"] as const) },
      { weight: 1, arbitrary: fc.constant(STATE_NAMES) },
    ),
    reasons: fc.subarray(REASONS, { minLength: 1, maxLength: 3 }),
  })
  .map(({ place, ...rest }) => ({ ...place, ...rest }));

function instantsIn({ start, span }: Frame): fc.Arbitrary<number> {
  const grid = (step: number): fc.Arbitrary<number> =>
    fc.nat({ max: Math.floor(span / step) }).map((n) => start + n * step);
  return fc.oneof(
    { weight: 3, arbitrary: fc.nat({ max: 12 }).map((n) => start + Math.floor((span / 12) * n)) },
    { weight: 4, arbitrary: grid(Math.min(span / 20, 15 * MINUTE_MS)) },
    { weight: 3, arbitrary: grid(MINUTE_MS) },
    { weight: 2, arbitrary: grid(30_000) },
    { weight: 2, arbitrary: grid(1000) },
    { weight: 1, arbitrary: grid(1) },
  );
}

// Plants

const clock = (minute: number): string =>
  `${String(Math.floor((minute % 1440) / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/** Shifts that follow one another through a day, the last perhaps over midnight; some are left out, some have breaks. */
const dayOfShifts: fc.Arbitrary<ShiftFile[]> = fc
  .tuple(
    fc.uniqueArray(
      fc.oneof(
        fc.nat({ max: 23 }).map((h) => h * 60),
        fc.nat({ max: 16 }).map((q) => q * 15),
        fc.nat({ max: 1439 }),
      ),
      { minLength: 2, maxLength: 5 },
    ),
    fc.array(
      fc.record({
        there: fc.constantFrom(true, true, true, false),
        pauses: fc.array(fc.tuple(fc.nat({ max: 7 }), fc.integer({ min: 1, max: 8 })), { maxLength: 2 }),
        days: fc.constantFrom(undefined, undefined, undefined, "sun", "sat", "mon,tue,wed,thu,fri", "mon,sun"),
      }),
      { minLength: 5, maxLength: 5 },
    ),
  )
  .map(([unsorted, choices]) => {
    const bounds = unsorted.toSorted((a, b) => a - b);
    return bounds.flatMap((start, i): ShiftFile[] => {
      const choice = choices[i];
      if (choice === undefined || !choice.there) return [];
      const end = bounds[i + 1] ?? (bounds[0] ?? 0) + 1440;
      const part = Math.floor((end - start) / 16);
      const breaks = choice.pauses
        .filter(() => part > 0)
        .map(([from, length]) => ({ start: clock(start + from * part), end: clock(start + (from + length) * part) }));
      return [
        { name: `s${i}`, start: clock(start), end: clock(end), breaks, ...(choice.days && { days: choice.days }) },
      ];
    });
  });

const hours = (name: string, start: string, end: string, breaks: ShiftFile["breaks"] = []): ShiftFile => ({
  name,
  start,
  end,
  breaks,
});

const NIGHT = hours("night", "22:00", "06:00", [{ start: "02:00", end: "02:30" }]);
const THREE: readonly ShiftFile[] = [
  hours("early", "06:00", "14:00", [{ start: "10:00", end: "10:30" }]),
  hours("late", "14:00", "22:00", [{ start: "18:00", end: "18:30" }]),
  NIGHT,
];

function calendarsAround({ zone, start }: Frame): fc.Arbitrary<CalendarFile | null> {
  const dates = [0, 1, 2].map((n) => addDays(localDate(zone, start), n - 1));
  const shifts = fc.oneof(
    fc.constantFrom([hours("day", "00:00", "24:00")], [hours("day", "06:00", "14:00")], THREE, [NIGHT]),
    dayOfShifts,
  );
  const exceptions = fc.uniqueArray(
    fc.tuple(
      fc.constantFrom(...dates),
      fc.oneof(
        fc.constant({ closed: true as const }),
        fc.constantFrom("09:00", "24:00").map((end) => ({ shifts: [hours("extra", "08:00", end)] })),
      ),
    ),
    { selector: ([date]) => date, maxLength: 2 },
  );
  return fc.oneof(
    fc.constant(null),
    fc.record({ shifts, exceptions: fc.constant([]) }),
    // Rotations of two crews over 2 to 6 days, so not by weekday (CA-6), and exceptions of several days (CA-7).
    fc
      .record({
        days: fc.integer({ min: 2, max: 6 }),
        first: fc.nat({ max: 5 }),
        ahead: fc.integer({ min: -9, max: 9 }),
        closed: fc.boolean(),
      })
      .map(({ days, first, ahead, closed }): CalendarFile => {
        const cycle = { start: addDays(localDate(zone, start), ahead), days };
        const on = Array.from({ length: days }, (_, i) => i);
        const turn = first % days;
        return {
          shifts: [
            { ...hours("day", "06:00", "18:00"), crew: "A", cycle: { ...cycle, on: on.filter((i) => i <= turn) } },
            ...(turn === days - 1
              ? []
              : [
                  { ...hours("day", "06:00", "18:00"), crew: "B", cycle: { ...cycle, on: on.filter((i) => i > turn) } },
                ]),
          ],
          exceptions: closed ? [{ from: dates[0] ?? "", to: dates[2] ?? "", closed: true }] : [],
        };
      }),
    // Shifts of an exception begin at 08:00, so the shifts of the day before must have ended by then.
    fc.record({
      shifts: fc.constantFrom(THREE, [NIGHT], [hours("day", "06:00", "14:00")]),
      exceptions: exceptions.map((list) => list.map(([date, what]) => ({ date, ...what }))),
    }),
  );
}

const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 2 });

/** TL-5: up to two states, of those whose category a plant file may change, each with any category. */
const categories: fc.Arbitrary<NonNullable<SmallPlant["categories"]>> = fc
  .array(
    fc.tuple(
      fc.constantFrom(...STATE_NAMES.filter((name) => name !== "running" && name !== "unknown")),
      fc.constantFrom(...CATEGORIES),
    ),
    { maxLength: 2 },
  )
  .map((pairs) => Object.fromEntries(pairs));

const reasonNode = fc.record(
  { category: fc.constantFrom("unplannedStop", "setup", "plannedStop", "notPlanned"), failure: fc.boolean() },
  { requiredKeys: [] },
);

const reasons: fc.Arbitrary<NonNullable<SmallPlant["reasons"]>> = fc
  .tuple(reasonNode, reasonNode, reasonNode, reasonNode)
  .map((nodes) => {
    const [a, b, c, d] = nodes;
    return { a: { ...a, children: { b: { ...b, children: { c } } } }, d };
  });

/** Settings that most plants do not have: decimals, pieces per count, the maximum rate (CN-8) and the pulse gap (TL-9). */
const extras: fc.Arbitrary<Partial<SmallPlant>> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        decimals: fc.constantFrom(1, 2),
        piecesPerCount: fc.constantFrom(2, 4),
        maxRatePerHour: fc.constantFrom(30, 600, 0.5),
        pulseGap: fc.constantFrom("1ms", "1m", "10m", "1h"),
      },
      { requiredKeys: [] },
    ),
  },
);

function plantsIn(frame: Frame): fc.Arbitrary<SmallPlant> {
  return fc.tuple(usualPlantsIn(frame), extras).map(([usual, more]) => ({ ...usual, ...more }));
}

function usualPlantsIn(frame: Frame): fc.Arbitrary<SmallPlant> {
  return fc.record(
    {
      timezone: fc.constant(frame.zone),
      calendar: calendarsAround(frame),
      idealCycleSeconds: fc.constantFrom(1, 1.2, 0.000001, 47.123456, 3, null),
      products: fc.constantFrom(
        {},
        {
          p: { idealCycleSeconds: 2.5, taktSeconds: 4 },
          q: { piecesPerCount: 3 },
          r: { idealCycleSeconds: 0.7 },
          s: { taktSeconds: 5 },
        },
      ),
      categories,
      reasons,
      taktSeconds: fc.constantFrom(1.5, 3),
      staleAfter: fc.constantFrom("1ms", "30s", "5m", "1h", "3h", "1d"),
      minorStopThreshold: fc.constantFrom("30s", "1m", "1h", "1ms", 0 as const),
      rolloverAt: fc.constantFrom(100, 101, 65536),
      overtime: fc.constantFrom("count", "ignore"),
      costPerHour: fc.constantFrom(1800, 0.1, 99.99),
    },
    { requiredKeys: ["timezone", "calendar", "idealCycleSeconds", "products", "categories", "reasons"] },
  );
}

// Events

const ids = fc.constantFrom(null, null, null, null, null, null, "i1", "i2");
const startup = fc.constantFrom(false, false, true);

function quantities(value: fc.Arbitrary<number>): fc.Arbitrary<Quantities> {
  return fc
    .record({ good: value, scrap: value, rework: value }, { requiredKeys: [] })
    .map((q) => (Object.keys(q).length === 0 ? { good: 1 } : q));
}

/** Most counts name no product. */
const named: fc.Arbitrary<{ readonly product?: string }> = fc.constantFrom(
  {},
  {},
  {},
  { product: "p" },
  { product: "q" },
  { product: "unlisted" },
);

const totals = quantities(
  fc.oneof(
    // Some of these differ by half of 100 or 101, the values of `rolloverAt`, or by more.
    { weight: 4, arbitrary: fc.constantFrom(0, 10, 50, 60, 99, 100, 110) },
    { weight: 1, arbitrary: fc.integer({ min: 65_500, max: 65_535 }) },
    { weight: 1, arbitrary: fc.nat({ max: 65_535 }) },
  ),
);

function correctionsAt(instant: fc.Arbitrary<number>, { states, reasons: paths }: Frame): fc.Arbitrary<BareEvent> {
  return fc
    .record({
      at: instant,
      a: instant,
      b: instant,
      id: ids,
      by: fc.constantFrom("anna", "bob", null),
      what: fc.oneof(
        fc.record({
          state: fc.constantFrom(...states),
          reason: orNull(fc.constantFrom(...paths)),
          clear: fc.constant(false),
        }),
        fc.record({ state: fc.constant(null), reason: fc.constantFrom(...paths), clear: fc.constant(false) }),
        fc.constant({ state: null, reason: null, clear: true }),
      ),
    })
    .map(({ at, a, b, id, by, what }) => ({
      type: "correction",
      at,
      id,
      from: Math.min(a, b),
      to: a === b ? a + MINUTE_MS : Math.max(a, b),
      ...what,
      by,
      note: null,
    }));
}

export interface EventWeights {
  readonly state: number;
  readonly count: number;
  readonly total: number;
  readonly job: number;
  readonly correction: number;
}

const USUAL: EventWeights = { state: 8, count: 3, total: 3, job: 2, correction: 3 };

/** One event, or several that belong together. */
function eventsIn(frame: Frame, weights: EventWeights): fc.Arbitrary<BareEvent[]> {
  const at = instantsIn(frame);
  const anyState = fc.constantFrom(...frame.states);
  const path = fc.constantFrom(...frame.reasons);
  return fc.oneof(
    {
      weight: weights.state,
      arbitrary: fc.tuple(at, anyState, orNull(path), ids).map(([t, name, reason, id]) => [state(t, name, reason, id)]),
    },
    {
      // A stop whose reason comes a moment later (TL-3).
      weight: weights.state / 2,
      arbitrary: fc
        .tuple(at, fc.constantFrom(1, 1000, 30_000, 5 * MINUTE_MS), anyState, path)
        .map(([t, after, name, reason]) => [state(t, name), state(t + after, name, reason)]),
    },
    {
      weight: weights.count,
      arbitrary: fc
        .tuple(at, quantities(fc.integer({ min: -5, max: 50 })), startup, ids, named)
        .map(([t, q, s, id, product]) => [count(t, { ...q, startup: s, ...product }, id)]),
    },
    {
      // Counts of 1 at equal distances, as of a machine that counts each stroke (TL-9), or counts of 0.
      weight: Math.ceil(weights.count / 2),
      arbitrary: fc
        .tuple(
          at,
          fc.constantFrom(1, 1000, 30_000, MINUTE_MS),
          fc.integer({ min: 2, max: 8 }),
          fc.constantFrom(1, 1, 0),
        )
        .map(([t, after, n, good]) => Array.from({ length: n }, (_, i) => count(t + i * after, { good }))),
    },
    {
      weight: weights.total,
      arbitrary: fc
        .tuple(at, totals, startup, ids, named)
        .map(([t, q, s, id, product]) => [total(t, { ...q, startup: s, ...product }, id)]),
    },
    {
      // Totals of counters at the infeed and the outfeed (CN-7), which rise a little, jump, or begin again at 0 (CN-8).
      weight: weights.total,
      arbitrary: fc
        .tuple(at, fc.constantFrom(0, 20, 60), fc.constantFrom(0, 1, 7, 60, 40_000), startup)
        .map(([t, good, scrap, s]) => [total(t, { good, produced: good + scrap, startup: s })]),
    },
    {
      weight: weights.job,
      arbitrary: fc
        .tuple(
          at,
          fc.constantFrom("p", "q", "r", "s", "unlisted"),
          fc.constantFrom(null, 900_000, 1, 120_000_000),
          ids,
          fc.constantFrom(null, null, 5),
        )
        .map((x) => [job(...x)]),
    },
    { weight: weights.correction, arbitrary: correctionsAt(at, frame).map((event) => [event]) },
  );
}

/** Histories in any log order; with `inOrder` the log is sorted by `at`, corrections included. */
export function histories(weights: EventWeights = USUAL, inOrder = false): fc.Arbitrary<History> {
  return frames.chain((frame) => {
    const period = instantsIn(frame);
    return fc
      .record({
        plant: plantsIn(frame),
        log: fc.array(eventsIn(frame, weights), { maxLength: 45, size: "max" }).map((events) => events.flat()),
        sorted: inOrder ? fc.constant(true) : fc.boolean(),
        bounds: fc.oneof(fc.constant([frame.start, frame.start + frame.span] as const), fc.tuple(period, period)),
        until: fc.oneof(
          fc.constantFrom(1, frame.span / 2).map((after) => frame.start + frame.span + after),
          period,
          fc.nat(),
        ),
      })
      .map(({ plant, log, sorted, bounds: [a, b], until }) => {
        // A number below `start` chooses an event of the log, so that now is often the instant of an event.
        const now = until < frame.start ? (log[until % Math.max(1, log.length)]?.at ?? frame.start) : until;
        const from = Math.min(a, b, now - 1);
        return {
          plant,
          log: sorted ? log.toSorted((x, y) => x.at - y.at) : log,
          from,
          to: Math.max(a, b, from + 1),
          now,
        };
      });
  });
}
