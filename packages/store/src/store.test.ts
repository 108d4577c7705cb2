/** Queries and writes of the store, by both ways to ClickHouse. Each test uses other machines. */
import { buffer, text as textOf } from "node:stream/consumers";
import { type DoubtedTotal, COMPONENT_NAMES, type Row } from "@oee/model";
import { tableFromIPC } from "apache-arrow";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { event, exact, MINUTE, naiveSums, row, START, segment, stamp, summed } from "../test/rows.ts";
import { type OpenWay, openWay } from "../test/ways.ts";
import type { EventRecord, Store, SumKey } from "./index.ts";
import { MIGRATIONS } from "./schema.ts";

const HOUR = { from: START, to: START + 60 * MINUTE };
const NASTY = [
  "",
  "x'; DROP TABLE oee.stops; --",
  "tab\tline\nback\\slash",
  "Flasche 0,6 l – größer 🍾",
  "\\N",
  "{a:String}",
];

async function all<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const rows: T[] = [];
  for await (const batch of batches) rows.push(...batch);
  return rows;
}

describe.each(["embedded", "server"] as const)("%s", (way) => {
  let open: OpenWay;
  let store: Store;
  beforeAll(async () => {
    open = await openWay(way);
    store = open.store;
  });
  afterAll(() => open.close());

  test("P-1, PE-1 property: sums by any keys over any periods are those of the rows", async () => {
    const anyRow = fc
      .record({
        machine: fc.integer({ min: 1, max: 3 }),
        minute: fc.integer({ min: 0, max: 90 }),
        product: fc.constantFrom(null, "cola", "water"),
        shift: fc.constantFrom(null, "early", "late"),
        runTime: fc.integer({ min: 0, max: MINUTE }),
        unplannedStopTime: fc.integer({ min: 0, max: MINUTE }),
        goodCount: fc.integer({ min: -5, max: 9 }),
        idealTimeUs: fc.maxSafeInteger(),
        taktUs: fc.constantFrom(null, 1_500_000),
        costPerHour: fc.constantFrom(null, 0, 1800.5),
      })
      .map(({ machine, minute, shift, ...fields }) => ({ machine, minute, shift, fields }));
    const anyPeriods = fc
      .uniqueArray(fc.integer({ min: 0, max: 95 }), { minLength: 2, maxLength: 9 })
      .map((minutes) => minutes.toSorted((a, b) => a - b).map((minute) => START + minute * MINUTE))
      .map((bounds) => bounds.slice(1).map((to, i) => ({ from: bounds[i] ?? 0, to })))
      .chain((periods) => fc.subarray(periods, { minLength: 1 }));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyRow, {
          maxLength: 40,
          selector: (one) => JSON.stringify([one.machine, one.minute, one.fields.product, one.shift]),
        }),
        anyPeriods,
        fc.subarray<SumKey>(["machine", "product", "shift"]),
        async (drawn, periods, by) => {
          const site = `sums${++run}`;
          const rows = drawn
            .map((one) =>
              row(`${site}/a/l/m${one.machine}`, one.minute, {
                ...one.fields,
                shift: one.shift,
                shiftDate: one.shift && "2026-03-02",
              }),
            )
            .filter((one) => COMPONENT_NAMES.some((name) => one[name] !== 0));
          await store.insertRows(rows, stamp(1));
          const query = { machines: { under: site }, periods, by };
          expect(exact(summed(await store.sums(query)), by)).toEqual(naiveSums(rows, query));
        },
      ),
      { numRuns: 12 },
    );
  });

  test("P-2: sums beyond 2^53 are exact", async () => {
    const rows = [1, 2, 3].map((minute) =>
      row("p2/a/l/m", minute, { idealTimeUs: Number.MAX_SAFE_INTEGER, idealGoodTimeUs: -Number.MAX_SAFE_INTEGER }),
    );
    await store.insertRows(rows, stamp(1));
    const answer = summed(await store.sums({ machines: ["p2/a/l/m"], periods: [HOUR], by: [] }));
    const [sums] = exact(answer, []).values();
    expect(sums?.components["idealTimeUs"]).toBe(3n * BigInt(Number.MAX_SAFE_INTEGER));
    expect(sums?.components["idealGoodTimeUs"]).toBe(-3n * BigInt(Number.MAX_SAFE_INTEGER));
    expect(sums?.components["runTime"]).toBe(3n * BigInt(MINUTE));
  });

  test("P-2: a component that is no whole number is refused, by an error that names it", async () => {
    await expect(store.insertRows([row("p2x/a/l/m", 0, { goodCount: 0.5 })], stamp(1))).rejects.toMatchObject({
      code: "OEE_STORE_INVALID",
      message: "good_count of a record is 0.5; a whole number is expected",
    });
    await expect(store.insertRows([row("p2x/a/l/m", 0.5)], stamp(1))).rejects.toMatchObject({
      code: "OEE_STORE_INVALID",
    });
    expect(summed(await store.sums({ machines: ["p2x/a/l/m"], periods: [HOUR], by: [] }))).toEqual([]);
  });

  test("P-5: the newest version wins whatever the order of arrival, and writing twice changes nothing", async () => {
    const [old, middle, newest] = [1, 2, 3].map((goodCount) => [row("p5/a/l/m", 0, { goodCount, product: "cola" })]);
    if (!old || !middle || !newest) throw new Error("three rows were made");
    await store.insertRows(middle, stamp(20));
    await store.insertRows(newest, stamp(2n ** 63n + 5n));
    await store.insertRows(old, stamp(10));
    for (let again = 0; again < 2; again++) {
      const { rows } = await store.sums({ machines: ["p5/a/l/m"], periods: [HOUR], by: [] });
      expect([...rows]).toMatchObject([{ goodCount: 3 }]);
      expect((await all(store.rows({ machines: ["p5/a/l/m"], period: HOUR }))).map((one) => one.version)).toEqual([
        2n ** 63n + 5n,
      ]);
      await store.insertRows(newest, stamp(2n ** 63n + 5n));
      await store.insertRows(old, stamp(10));
    }
  });

  test("P-5: a row whose components are all 0 retracts the stored row, unless that is newer", async () => {
    const machine = "p5zero/a/l/m";
    const nothing = (product: string | null): Row => row(machine, 0, { product, runTime: 0 });
    await store.insertRows([row(machine, 0, { product: "cola" }), row(machine, 0, { product: null })], stamp(5));
    await store.insertRows([nothing("cola"), row(machine, 0, { product: "water" })], stamp(6));
    await store.insertRows([nothing(null)], stamp(4));
    expect(await store.products({ machines: [machine], period: HOUR })).toEqual([null, "water"]);
    expect(await all(store.rows({ machines: [machine], period: HOUR }))).toHaveLength(2);
  });

  test("DI-1: a recompute retracts the rows and stops of its span that it did not write again", async () => {
    const machine = "di1/a/l/m";
    await store.insertRows(
      [row(machine, 0, { product: "a" }), row(machine, 1, { product: "a" }), row(machine, 2, { product: "a" })],
      stamp(5),
    );
    await store.insertStops([segment(machine, 0, 1), segment(machine, 1, 1), segment(machine, 2, 1)], stamp(5));
    const span = { machine, from: START, to: START + 2 * MINUTE };
    for (let again = 0; again < 2; again++) {
      await store.insertRows(
        [row(machine, 0, { product: "b" }), row(machine, 1, { product: "a", goodCount: 7 })],
        stamp(6),
      );
      await store.retractRows(span, stamp(6));
      await store.insertStops([segment(machine, 1, 1, { reason: "new" })], stamp(6));
      await store.retractStops(span, stamp(6));
      const rows = await all(store.rows({ machines: [machine], period: HOUR }));
      expect(rows.map((one) => [(one.from - START) / MINUTE, one.product, one.goodCount])).toEqual([
        [0, "b", 0],
        [1, "a", 7],
        [2, "a", 0],
      ]);
      const { stops } = await store.stops({ machines: [machine], period: HOUR, limit: 10 });
      expect(stops.map((one) => [(one.from - START) / MINUTE, one.reason])).toEqual([
        [1, "new"],
        [2, null],
      ]);
    }
  });

  test("CN-8: doubted totals are retracted when they are found true, or when a recompute of their span has none", async () => {
    const machine = "cn8/a/l/m";
    const machines = [machine];
    const total = (minute: number, quantity: DoubtedTotal["quantity"], doubted = true): DoubtedTotal => ({
      ...{ machine, at: START + minute * MINUTE, quantity, doubted },
    });
    const doubted = (): Promise<DoubtedTotal[]> => store.doubtedTotals({ machines, period: HOUR });
    await store.insertDoubts([total(1, "good"), total(1, "produced"), total(2, "good"), total(3, "scrap")], stamp(5));
    await store.insertDoubts([total(1, "good", false), total(4, "good")], stamp(6));
    await store.insertDoubts([total(1, "good")], stamp(4));
    expect(await doubted()).toEqual([total(1, "produced"), total(2, "good"), total(3, "scrap"), total(4, "good")]);
    const within = [{ after: 5n, before: 9n }];
    const { doubts } = await store.keysWritten({ machines, within });
    expect(doubts.toSorted((a, b) => a.at - b.at)).toEqual(
      [total(1, "good"), total(4, "good")].map(({ doubted: _, ...key }) => key),
    );
    expect(await store.oldestWritten({ machines, within })).toEqual(new Map([[machine, START + MINUTE]]));
    expect(await store.newestVersion(machines)).toBe(6n);
    expect(await store.isStoredFrom(machines, 6n)).toBe(true);
    for (let again = 0; again < 2; again++) {
      await store.insertDoubts([total(2, "good")], stamp(7));
      await store.retractDoubts({ machine, from: START, to: START + 3 * MINUTE }, stamp(7));
      expect(await doubted()).toEqual([total(2, "good"), total(3, "scrap"), total(4, "good")]);
    }
    const period = { from: START + 2 * MINUTE, to: START + 4 * MINUTE };
    expect(await store.countDoubts({ machines: [machine, "cn8/a/l/other"], period })).toBe(2);
    expect(await store.countDoubts({ machines: { under: "cn8/a" }, period: HOUR })).toBe(3);
  });

  test("DI-3: rows come back as they were written, with plant version and version", async () => {
    const full: Row = row("di3/a/l/m", 7, {
      product: "cola",
      shift: "early",
      shiftDate: "2026-03-02",
      taktUs: 1_600_000,
      costPerHour: 0,
      goodCount: -5,
      idealTimeUs: -(2 ** 40),
    });
    const bare: Row = row("di3/a/l/m", 8);
    await store.insertRows([bare, full], { version: 77n, plantVersion: "sha-1" });
    expect(await all(store.rows({ machines: { under: "di3" }, period: HOUR }))).toEqual(
      [full, bare].map((one) => ({ ...one, version: 77n, plantVersion: "sha-1" })),
    );
  });

  test("DI-3: plant files are kept by version, and the audit trail has what was done to numbers", async () => {
    const text = `enterprise: acme\n# ${NASTY.join(" ")}\n`;
    await store.savePlant({ version: "one", loadedAt: START, text });
    await store.savePlant({ version: "two", loadedAt: START + 1, text: "enterprise: b" });
    await store.savePlant({ version: "one", loadedAt: START, text });
    expect(await store.plantFile("one")).toEqual({ version: "one", loadedAt: START, text });
    expect((await store.plantFile())?.version).toBe("two");
    expect(await store.plantFile("three")).toBeNull();
    const entry = {
      at: START,
      id: "1",
      actor: "anna",
      action: "recompute",
      scope: "*",
      from: START,
      to: null,
      plantVersion: "one",
      detail: '{"rows":3}',
    };
    await store.recordAudit(entry);
    await store.recordAudit(entry);
    await store.recordAudit({ ...entry, at: START + 5, id: "2", from: null });
    expect(await store.auditTrail(10)).toEqual([{ ...entry, at: START + 5, id: "2", from: null }, entry]);
  });

  test("PE-2: sums by shift are by its name and date, and say which minutes they cover", async () => {
    const early = { shift: "early", shiftDate: "2026-03-02" };
    await store.insertRows(
      [
        row("pe2/a/l/m1", 3, early),
        row("pe2/a/l/m2", 9, early),
        row("pe2/a/l/m2", 10, { ...early, shiftDate: "2026-03-03" }),
        row("pe2/a/l/m1", 11),
      ],
      stamp(1),
    );
    const sums = await store.sums({ machines: { under: "pe2/a" }, periods: [HOUR], by: ["shift"] });
    expect(
      summed(sums).map(({ sum, covered }) => [
        sum.shift,
        sum.shiftDate,
        (covered.from - START) / MINUTE,
        (covered.to - START) / MINUTE,
      ]),
    ).toEqual([
      [null, null, 11, 12],
      ["early", "2026-03-02", 3, 10],
      ["early", "2026-03-03", 10, 11],
    ]);
  });

  test("PE-2: sums by product and machine come by machine, then by period, though products change in between", async () => {
    const products = ["cola", "water", null, "cola"];
    await store.insertRows(
      ["turns/a/l/m1", "turns/a/l/m2"].flatMap((machine) =>
        products.map((product, minute) => row(machine, minute, { product })),
      ),
      stamp(1),
    );
    const periods = products.map((_, i) => ({ from: START + i * MINUTE, to: START + (i + 1) * MINUTE }));
    const sums = await store.sums({ machines: { under: "turns" }, periods, by: ["product", "machine"] });
    expect([...sums.rows].map((one) => [one.machine, (one.from - START) / MINUTE, one.product])).toEqual(
      ["turns/a/l/m1", "turns/a/l/m2"].flatMap((machine) =>
        products.map((product, minute) => [machine, minute, product]),
      ),
    );
  });

  test("PE-4: periods that are empty, not in whole minutes or not ascending are refused", async () => {
    const bad = [
      [{ from: START + 1, to: START + MINUTE }],
      [{ from: START, to: START }],
      [
        { from: START + MINUTE, to: START + 2 * MINUTE },
        { from: START, to: START + MINUTE },
      ],
      [{ from: Number.NaN, to: START }],
    ];
    for (const periods of bad) {
      await expect(store.sums({ machines: [], periods, by: [] })).rejects.toMatchObject({ code: "OEE_STORE_INVALID" });
    }
    expect(summed(await store.sums({ machines: { under: "*" }, periods: [], by: [] }))).toEqual([]);
  });

  test("PE-2: sums of more periods than one query takes are complete", async () => {
    await store.insertRows([row("many/a/l/m", 0), row("many/a/l/m", 8_999)], stamp(1));
    const periods = Array.from({ length: 9_000 }, (_, i) => ({
      from: START + i * MINUTE,
      to: START + (i + 1) * MINUTE,
    }));
    const sums = await store.sums({ machines: ["many/a/l/m"], periods, by: ["machine"] });
    expect([...sums.rows].map(({ from }) => from)).toEqual([periods[0]?.from, periods[8_999]?.from]);
  });

  test("rows of many years are written at once, and summed", async () => {
    const rows = Array.from({ length: 150 }, (_, month) => row("years/a/l/m", month * 31 * 1440, { goodCount: month }));
    await store.insertRows(rows, stamp(1));
    const periods = [{ from: START, to: START + 150 * 31 * 1440 * MINUTE }];
    const { rows: found } = await store.sums({ machines: { under: "years" }, periods, by: [] });
    expect([...found]).toMatchObject([{ goodCount: (149 * 150) / 2 }]);
  });

  test("EQ-1: a scope has the machines whose paths begin with its whole segments; ten thousand machines can be named", async () => {
    await store.insertRows([row("eq/a/l/m", 0), row("eq/ab/l/m", 0), row("eq/a/l/m2", 0)], stamp(1));
    const machines = async (under: string): Promise<string[]> => [...(await store.newestMinutes({ under })).keys()];
    expect(await machines("eq/a")).toEqual(["eq/a/l/m", "eq/a/l/m2"]);
    expect(await machines("eq/a/l/m")).toEqual(["eq/a/l/m"]);
    expect(await machines("eq")).toHaveLength(3);
    expect(await machines("*")).toEqual(expect.arrayContaining(["eq/ab/l/m"]));
    const named = Array.from({ length: 10_000 }, (_, i) => `eq/a/a-line-with-a-long-name/machine-${i}`);
    expect(await store.newestMinutes([...named, "eq/a/l/m2"])).toEqual(new Map([["eq/a/l/m2", START]]));
    expect(await store.newestMinutes([])).toEqual(new Map());
  });

  test("ST-5: stops that overlap a period are answered uncut, by machine and time, in pages", async () => {
    const segments = [
      segment("st5/a/l/b", 0, 5, {
        reason: "mechanical/jam",
        correctedBy: "anna",
        shift: "early",
        shiftDate: "2026-03-02",
        product: "cola",
        minor: true,
      }),
      segment("st5/a/l/b", 5, 60, { state: "idle", failure: false, open: true, scheduledDuration: 7 }),
      segment("st5/a/l/a", 59, 1),
      segment("st5/a/l/a", 60, 1),
      segment("st5/a/l/a", -9, 9),
    ];
    await store.insertStops(segments, stamp(1));
    const expected = [segments[2], segments[0], segments[1]];
    expect(await store.stops({ machines: { under: "st5" }, period: HOUR, limit: 3 })).toEqual({
      stops: expected,
      next: null,
    });
    const first = await store.stops({ machines: { under: "st5" }, period: HOUR, limit: 2 });
    expect(first.stops).toEqual(expected.slice(0, 2));
    if (first.next === null) throw new Error("a second page was expected");
    const second = await store.stops({ machines: { under: "st5" }, period: HOUR, limit: 2, after: first.next });
    expect(second).toEqual({ stops: expected.slice(2), next: null });
    await expect(store.stops({ machines: [], period: HOUR, limit: 0 })).rejects.toMatchObject({
      code: "OEE_STORE_INVALID",
    });
  });

  test("ST-5: a segment is replaced by its newest version, and retracted by its key", async () => {
    const machine = "st5v/a/l/m";
    await store.insertStops([segment(machine, 0, 9, { open: true })], stamp(1));
    await store.insertStops([segment(machine, 0, 5), segment(machine, 5, 9)], stamp(3));
    await store.insertStops([segment(machine, 0, 7, { open: true })], stamp(2));
    await store.insertStops([], stamp(4), [{ machine, from: START + 5 * MINUTE }]);
    const { stops } = await store.stops({ machines: [machine], period: HOUR, limit: 9 });
    expect(stops).toEqual([segment(machine, 0, 5)]);
  });

  test("ST-6, PA-1: a Pareto sums segments that lie in the period as a whole, and lists those that cross its ends", async () => {
    const machine = "pareto/a/l/m";
    const crossing = [segment(machine, -1, 2), segment(machine, 59, 2)];
    await store.insertStops(
      [
        ...crossing,
        segment(machine, 2, 3, { reason: "jam", stop: "s1" }),
        segment(machine, 5, 4, { reason: "jam", stop: "s1", state: "idle" }),
        segment(machine, 20, 1, { minor: true }),
        segment(machine, 30, 0, { reason: "jam", to: START + 31 * MINUTE, scheduledDuration: 0 }),
      ],
      stamp(1),
    );
    const bar = { machine: null, state: null, reason: null, minor: false };
    expect(await store.pareto({ machines: { under: "pareto" }, period: HOUR, by: ["reason"] })).toEqual({
      bars: [
        { ...bar, reason: "jam", segments: 2, scheduledDurationMs: BigInt(7 * MINUTE) },
        { ...bar, minor: true, segments: 1, scheduledDurationMs: BigInt(MINUTE) },
      ],
      crossing,
    });
    const byBoth = await store.pareto({ machines: [machine], period: HOUR, by: ["state", "machine"] });
    expect(byBoth.bars.map((one) => [one.state, one.machine, one.minor, one.segments])).toEqual([
      ["idle", machine, false, 1],
      // Segments without scheduled time are left out (PA-1).
      ["down", machine, false, 1],
      ["down", machine, true, 1],
    ]);
  });

  test("CN-4, P-5: events are read in log order, each once, without repeats", async () => {
    const machine = "cn4/a/l/m";
    const events: EventRecord[] = [
      event(machine, 9, 10, { index: 1 }),
      event(machine, 3, 10, { index: 0, id: "a" }),
      event(machine, 1, 11, { type: "correction", raw: `{"note":${JSON.stringify(NASTY.join())}}` }),
      event(machine, 5, 12, { id: "a", repeat: true }),
      event(machine, 4, 2, { partition: 12 }),
      event(machine, 59, 9),
    ];
    await store.insertEvents(events);
    await store.insertEvents(events.toReversed());
    const inOrder = [events[5], events[1], events[0], events[2], events[4]];
    expect(await all(store.events({ machine }))).toEqual(inOrder);
    expect(await all(store.events({ machine, types: ["correction"] }))).toEqual([events[2]]);
    expect(await all(store.events({ machine, from: START + 3 * MINUTE, to: START + 9 * MINUTE }))).toEqual([
      events[1],
      events[4],
    ]);
    expect(await all(store.events({ machine: "cn4/a/l/other" }))).toEqual([]);
  });

  test("TL-1, CN-3: the last events before an instant are the latest by time, then by log order", async () => {
    const machine = "tl1/a/l/m";
    const events = [
      event(machine, 5, 4),
      event(machine, 5, 9),
      event(machine, 6, 1),
      event(machine, 4, 20),
      event(machine, 4.5, 21, { type: "job" }),
    ];
    await store.insertEvents(events);
    const before = START + 6 * MINUTE;
    expect(await store.eventsBefore({ machine, types: ["state"], before, limit: 2 })).toEqual([events[1], events[0]]);
    expect(await store.eventsBefore({ machine, types: ["job"], before, limit: 1 })).toEqual([events[4]]);
    expect(await store.eventsBefore({ machine, types: ["state", "job"], before: START, limit: 1 })).toEqual([]);
  });

  test("the newest minute of a machine is found for the machines asked for, from an instant on", async () => {
    const [one, two, other] = ["ends/a/l/one", "ends/a/l/two", "ends/a/l/other"];
    await store.insertRows([row(one, 5), row(one, 7), row(two, 3), row(other, 9)], stamp(1));
    const newest = await store.newestMinutes([one, two], undefined, START + 5 * MINUTE);
    expect(newest).toEqual(new Map([[one, START + 7 * MINUTE]]));
  });

  test("CN-4: the last ids of machines are in log order, without those of repeats and of offsets from `before` on", async () => {
    const named = (machine: string, minute: number, offset: number, id: string | null, repeat = false): EventRecord =>
      event(machine, minute, offset, { id, repeat });
    const [one, two] = ["ids/a/l/one", "ids/a/l/two"];
    const events = [
      named(one, 5, 1, "a"),
      named(one, 2, 2, "late"),
      named(one, 6, 3, "a", true),
      named(one, 7, 4, null),
      named(one, 8, 5, "b"),
      named(one, 9, 9, "behind"),
      named(two, 3, 6, "c"),
      named("ids/a/l/other", 3, 7, "d"),
    ];
    await store.insertEvents(events);
    const { topic, partition } = named(one, 5, 1, "a");
    const query = { machines: [one, two], since: START, before: { topic, partition, offset: 9 } };
    expect(await store.lastIds({ ...query, limit: 256 })).toEqual(
      new Map([
        [one, ["a", "late", "b"]],
        [two, ["c"]],
      ]),
    );
    expect((await store.lastIds({ ...query, limit: 2 })).get(one)).toEqual(["late", "b"]);
    expect((await store.lastIds({ ...query, since: START + 8 * MINUTE, limit: 2 })).get(one)).toEqual(["b"]);
  });

  test("CN-2: the last total before an instant is found for each quantity", async () => {
    const machine = "cn2/a/l/m";
    const total = (minute: number, offset: number, totals: object): EventRecord =>
      event(machine, minute, offset, { type: "total", raw: JSON.stringify({ type: "count", total: totals }) });
    const [first, second, third] = [
      total(1, 1, { good: 0, scrap: 3 }),
      total(2, 2, { good: 9, scrap: null, produced: 10 }),
      total(3, 3, { good: 12 }),
    ];
    const count = event(machine, 2, 5, { type: "count", raw: '{"type":"count","rework":4}' });
    await store.insertEvents([first, second, third, count].filter((one) => one !== undefined));
    expect(await store.totalsBefore({ machine, before: START + 3 * MINUTE })).toEqual({
      good: second,
      scrap: first,
      rework: null,
      produced: second,
    });
  });

  test("contract: any text is stored, found and read unchanged", async () => {
    for (const [i, nasty] of NASTY.entries()) {
      const machine = `text/a/l/m${i}`;
      await store.insertRows([row(machine, 0, { product: nasty || null })], stamp(1));
      expect(await store.products({ machines: [machine], period: HOUR })).toEqual([nasty || null]);
      await store.insertEvents([event(nasty || machine, 0, i, { raw: nasty, id: nasty || null })]);
      expect(await all(store.events({ machine: nasty || machine }))).toMatchObject([{ raw: nasty, id: nasty || null }]);
    }
  });

  test("contract: rows are exported as JSON lines, CSV, Arrow and Parquet", async () => {
    await store.insertRows(
      [row("out/a/l/m", 1, { product: "cola" }), row("out/a/l/m", 2), row("out/a/l/m", 70)],
      stamp(1),
    );
    await store.insertStops([segment("out/a/l/m", 1, 1)], stamp(1));
    await store.insertEvents([event("out/a/l/m", 1, 1)]);
    const query = { machines: { under: "out" }, period: HOUR } as const;
    const csv = await textOf(await store.export({ ...query, table: "kpi_minutes", format: "CSVWithNames" }));
    expect(csv.split("\n").map((line) => line.split(",").slice(0, 3).join())).toEqual([
      '"machine","minute","run_time_ms"',
      '"out/a/l/m","2026-03-02T05:01:00.000Z",60000',
      '"out/a/l/m","2026-03-02T05:02:00.000Z",60000',
      "",
    ]);
    for (const table of ["kpi_minutes", "stops", "events"] as const) {
      const lines = (await textOf(await store.export({ ...query, table, format: "JSONEachRow" }))).trim().split("\n");
      const arrow = tableFromIPC(await buffer(await store.export({ ...query, table, format: "ArrowStream" })));
      expect(arrow.numRows).toBe(lines.length);
      expect(arrow.schema.fields.map((field) => field.name)).toEqual(Object.keys(JSON.parse(lines[0] ?? "")));
      const instants = { events: ["at", "received_at"], kpi_minutes: ["minute"], stops: ["from_time", "to_time"] }[
        table
      ];
      const first = JSON.parse(lines[0] ?? "") as Readonly<Record<string, unknown>>;
      const [header = "", record = ""] = (
        await textOf(await store.export({ ...query, table, format: "CSVWithNames" }))
      ).split("\n");
      const names = header.slice(1, -1).split('","');
      for (const name of instants) {
        expect(String(arrow.schema.fields.find((field) => field.name === name)?.type)).toBe(
          "Timestamp<MILLISECOND, UTC>",
        );
        const text = String(first[name]);
        expect(text).toMatch(/^2026-03-0\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        expect(arrow.getChild(name)?.get(0)).toBe(Date.parse(text));
        expect(record.split(",")[names.indexOf(name)]).toBe(`"${text}"`);
      }
      expect(record).not.toContain("\\N");
      const missing = names.filter((name) => first[name] === null && name !== "raw");
      if (table !== "events") expect(missing.length).toBeGreaterThan(0);
      if (table !== "events") for (const name of missing) expect(record.split(",")[names.indexOf(name)]).toBe("");
      const parquet = await buffer(await store.export({ ...query, table, format: "Parquet" }));
      expect(parquet.subarray(0, 4).toString()).toBe("PAR1");
      expect(parquet.subarray(-4).toString()).toBe("PAR1");
    }
  });

  test("migrations that run again, or several times at once, change nothing", async () => {
    expect(await Promise.all([store.migrate(), store.migrate(), store.migrate()])).toEqual(
      Array.from({ length: 3 }, () => ({ applied: [], current: MIGRATIONS.length })),
    );
    await store.migrate({ retention: { events: 400, stops: null } });
    await store.migrate({ retention: { events: null } });
    await expect(store.migrate({ retention: { events: 0.5 } })).rejects.toMatchObject({ code: "OEE_STORE_INVALID" });
    await store.ping();
  });
});
