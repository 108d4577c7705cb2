/** DI-2, and the contract's topic of events: each event of a record is accepted or refused on its own, in whatever form the record is. */
import { type AppendRecord, openMemoryLog, type RecordBatch, topics } from "@oee/event-log";
import { EventDecoder } from "@oee/model";
import {
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  Null,
  Struct,
  Table,
  tableToIPC,
  TimestampNanosecond,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ARROW_CONTENT_TYPE, decodeBatch } from "./decode-batch.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const MACHINE = "s/a/l/m";
const AT = Date.UTC(2026, 2, 2, 5);
const ARROW = { "content-type": ARROW_CONTENT_TYPE };

const plant = plantFrom(
  "enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1, states: packml } } } } } } } }\n",
);
const decoder = new EventDecoder(plant, { maxFutureMs: 0 });

/** What a record is decoded to: its events with their originals, and a dead letter of each event refused. */
async function taken(
  record: Omit<AppendRecord, "key">,
  stampedAt: number = AT,
  stampedByLog: boolean = false,
): Promise<{ events: unknown[]; letters: AppendRecord[] }> {
  const log = openMemoryLog({ now: () => stampedAt });
  const { events: topic } = topics("oee.", 1);
  await log.ensureTopics([topic]);
  await log.append(topic.name, [{ key: MACHINE, value: Buffer.from("{}") }]);
  await log.append(topic.name, [{ key: MACHINE, ...record }]);
  const batch = await new Promise<RecordBatch>((resolve) => {
    log.followKeyed({
      topic: topic.name,
      onBatch: (found) => {
        if (found.offsetAt(found.length - 1) === 1) resolve(found);
      },
      onCaughtUp: () => undefined,
    });
  });
  await log.close();
  const events: unknown[] = [];
  const letters: AppendRecord[] = [];
  decodeBatch(
    batch,
    decoder,
    AT,
    ({ machine: { id: machine }, ...event }, _record, index, bytes, start, end) =>
      events.push({ ...event, machine, index, original: JSON.parse(bytes.toString("utf8", start, end)) as unknown }),
    ({ letter }) => letters.push(letter),
    stampedByLog,
  );
  return { events, letters: letters.slice(1) };
}

/** An Arrow stream as pandas and pyarrow write it: texts in dictionaries, instants in nanoseconds, missing fields null. */
function arrowStream(): Uint8Array {
  const texts = (values: readonly (string | null)[]) =>
    vectorFromArray(values, new Dictionary(new Utf8(), new Int32()));
  const quantities = new Struct([new Field("good", new Int64(), true), new Field("scrap", new Int64(), true)]);
  return tableToIPC(
    new Table({
      type: texts(["state", "count", "count", "job", "state"]),
      machine: texts([MACHINE, MACHINE, MACHINE, MACHINE, MACHINE]),
      at: vectorFromArray(
        [-4, -3, -2, -1, 0].map((ms) => AT + ms + 0.25),
        new TimestampNanosecond(),
      ),
      state: texts(["Execute", null, null, null, "flying"]),
      good: vectorFromArray([null, 5n, null, null, null], new Int64()),
      total: vectorFromArray([null, null, { good: 7n, scrap: null }, null, null], quantities),
      product: texts([null, null, null, "cola", null]),
      idealCycleSeconds: vectorFromArray([null, null, null, 1.2, null], new Float64()),
      operator: texts(["anna", null, null, null, null]),
    }),
    "stream",
  );
}

test("P-2, DI-2: each row of an Arrow stream is an event of its own, instants cut to milliseconds, nulls absent", async () => {
  const { events, letters } = await taken({ value: arrowStream(), headers: ARROW });
  expect(events).toMatchObject([
    { type: "state", at: AT - 4, state: "running", index: 0, original: { state: "Execute", operator: "anna" } },
    { type: "count", at: AT - 3, good: 5, scrap: null, index: 1, original: { at: AT - 3, good: 5 } },
    { type: "total", at: AT - 2, good: 7, scrap: null, index: 2, original: { total: { good: 7 } } },
    { type: "job", at: AT - 1, product: "cola", idealCycleUs: 1_200_000, index: 3 },
  ]);
  expect(letters.map(({ headers }) => headers)).toMatchObject([{ error: "unknown-state", offset: "1" }]);
  expect(JSON.parse(Buffer.from(letters[0]?.value ?? []).toString())).toEqual({
    ...{ type: "state", machine: MACHINE, at: AT, state: "flying" },
  });
});

test("P-2, DI-2: compressed Arrow streams, 64-bit dictionaries, decimals and UUIDs are read as plain ones are", async () => {
  const files = new URL("../../../tests/cli/columnar/", import.meta.url);
  const read = async (name: string): Promise<number> => {
    const value = readFileSync(new URL(name, files));
    const { events, letters } = await taken({ value, headers: ARROW });
    // The plant lacks the machine of these files, so each row becomes a dead letter of its own.
    expect(letters.every(({ headers }) => headers?.["error"] === "unknown-machine")).toBe(true);
    return events.length + letters.length;
  };
  const names = [
    "pd-default.feather",
    "pl-lz4.arrow",
    "pa-zstd.arrows",
    "pa-dict64.arrow",
    "pa-dec.arrow",
    "pa-uuid.arrow",
  ];
  for (const name of [...names, "pa-dec32.arrows", "pa-dec64.arrows", "pa-dec256.arrows"]) {
    expect([name, await read(name)]).toEqual([name, 252]);
  }
  const claimed = tableToIPC(
    new Table({
      type: vectorFromArray(
        Array.from({ length: 2_000_000 }, () => null),
        new Null(),
      ),
    }),
  );
  expect(claimed.length).toBeLessThan(1000);
  expect((await taken({ value: claimed, headers: ARROW })).letters.map(({ headers }) => headers?.["detail"])).toEqual([
    "expected an Arrow stream: found 2000000 rows, expected at most 1000000, in the schema or the first record batch",
  ]);
  const { letters } = await taken({ value: readFileSync(new URL("pa-runs.arrows", files)), headers: ARROW });
  expect(letters.map(({ headers }) => headers?.["detail"])).toEqual([
    expect.stringContaining("found run-end encoded columns, expected plain ones"),
  ]);
});

test("DI-2: a record with the content type of Arrow that is no Arrow stream is one dead letter with its bytes", async () => {
  for (const value of [arrowStream().slice(0, 700), Buffer.alloc(0), Buffer.alloc(64), Buffer.alloc(8, 0xff)]) {
    const { events, letters } = await taken({ value, headers: ARROW });
    expect({ bytes: value.length, events: events.length, letters: letters.length }).toEqual({
      ...{ bytes: value.length, events: 0, letters: 1 },
    });
    expect(letters).toMatchObject([{ headers: { error: "malformed" } }]);
    expect(Buffer.from(letters[0]?.value ?? [])).toEqual(Buffer.from(value));
  }
});

test("DI-2: a damaged Arrow stream is a dead letter whose detail says what was found and expected, and where", async () => {
  const whole = Buffer.from(arrowStream());
  const cut = Array.from({ length: 40 }, (_, i) => whole.subarray(0, Math.floor((whole.length * i) / 40)));
  const spoiled = Array.from({ length: 300 }, (_, i) => {
    const bytes = Buffer.from(whole);
    bytes[(i * 7919) % bytes.length] = (i * 31) & 0xff;
    return bytes;
  });
  let damaged = 0;
  for (const value of [...cut, ...spoiled]) {
    for (const { headers } of (await taken({ value, headers: ARROW })).letters) {
      const detail = String(headers?.["detail"]);
      expect(detail).not.toMatch(/(Type|Range|Syntax)?Error\b|undefined|is not a function|Invalid (array|typed)/);
      if (!detail.startsWith("expected an Arrow stream: ")) continue;
      damaged++;
      expect(detail).toMatch(/(schema|record batch \d)/);
      expect(detail).toMatch(/[Ee]xpected .*(found|read|expected)/);
    }
  }
  expect(damaged).toBeGreaterThan(40);
});

test("DI-2: a dead letter has the record's key, the event's own bytes, the code, the detail, and the place in the log", async () => {
  const good = JSON.stringify({ type: "count", machine: MACHINE, at: AT, good: 1 });
  const bad = '{"type":"count", "machine":"s/a/l/m", "at":"now" ,"good":1}';
  const { events, letters } = await taken({ value: Buffer.from(`[ ${good},${bad} , ${good}]`) });
  expect(events).toMatchObject([{ index: 0 }, { index: 2 }]);
  expect(letters.map(({ key, value }) => [String(key), Buffer.from(value ?? []).toString()])).toEqual([[MACHINE, bad]]);
  expect(letters[0]?.headers).toEqual({
    error: "invalid",
    detail: expect.stringMatching(/^at: expected .* found "now"$/) as unknown,
    topic: "oee.events",
    partition: "0",
    offset: "1",
  });
});

const DAY_MS = 86_400_000;
const dayBefore = (days: number): Buffer =>
  Buffer.from(JSON.stringify({ type: "count", machine: MACHINE, at: AT - days * DAY_MS, good: 1 }));

test("DI-2: an event of long ago is a dead letter, unless a header of its record says how far back events may lie", async () => {
  const header = (name: string): Record<string, string> => ({ "max-past": name });
  const codeOf = async (days: number, headers: Record<string, string>): Promise<unknown> =>
    (await taken({ value: dayBefore(days), headers })).letters[0]?.headers?.["error"] ?? null;
  expect(await codeOf(400, {})).toBe(null);
  expect(await codeOf(401, {})).toBe("past");
  expect(await codeOf(401, header("3650d"))).toBe(null);
  expect(await codeOf(3651, header("3650d"))).toBe("past");
  expect(await codeOf(2, header("86400000ms"))).toBe("past");
  for (const nonsense of ["", "0", "ten years", "-5d"]) expect(await codeOf(401, header(nonsense))).toBe("past");
  const arrow = await taken({ value: arrowStream(), headers: { ...ARROW, ...header("1ms") } });
  expect(arrow.letters.map(({ headers }) => headers?.["error"])).toEqual(["past", "past", "past", "unknown-state"]);
});

test("DI-2: where the log stamps records, an event's age is that at the stamp, also when it is read years later", async () => {
  for (const [stampedByLog, letters] of [
    [true, 0],
    [false, 1],
  ] as const) {
    expect((await taken({ value: dayBefore(500) }, AT - 490 * DAY_MS, stampedByLog)).letters).toHaveLength(letters);
    expect((await taken({ value: dayBefore(500) }, AT - 10 * DAY_MS, stampedByLog)).letters).toHaveLength(1);
  }
});

test("DI-2: a record without a value is a dead letter", async () => {
  const { events, letters } = await taken({ value: null });
  expect(events).toEqual([]);
  expect(letters).toMatchObject([
    { key: Buffer.from(MACHINE), value: null, headers: { error: "malformed", offset: "1" } },
  ]);
  expect(letters[0]?.headers?.["detail"]).toContain("without a value");
});

test.each([
  ["Content-Type", ARROW_CONTENT_TYPE],
  ["CONTENT-TYPE", "Application/vnd.apache.Arrow.stream"],
  ["content-type", `${ARROW_CONTENT_TYPE}; charset=binary`],
  ["Content-type", ` ${ARROW_CONTENT_TYPE} ;charset="binary"; x=y`],
])("an Arrow stream is known by %s: %s", async (name, value) => {
  const expected = await taken({ value: arrowStream(), headers: ARROW });
  expect(expected.events.length).toBeGreaterThan(2);
  expect(await taken({ value: arrowStream(), headers: { [name]: value } })).toEqual({
    events: expected.events,
    letters: expected.letters.map((letter) => ({ ...letter })),
  });
});
