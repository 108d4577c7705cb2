import { describe, expect, test } from "vitest";
import { EventDecoder, isRefusal, type PlantEvent, type Refusal, type RefusalCode } from "../index.ts";
import { EventScanner } from "./event-scanner.ts";
import { Vocabulary } from "./vocabulary.ts";
import { plantFrom } from "../../../../tests/support/plant.ts";

const NOW = Date.UTC(2026, 2, 2, 12);
const AT = "2026-03-02T05:00:00.000Z";
const FILLER = "berlin/packing/l1/filler";

const plant = plantFrom(
  `
enterprise: acme
sites: { berlin: { areas: { packing: { lines: { l1: { machines: {
  filler: { idealCycleSeconds: 1.2, states: plc }, labeller: { idealCycleSeconds: null } } } } } } } }
stateMaps: { plc: { extends: packml, map: { "9": setup, "Running": idle, "Läuft gut": running, "-1": down, "6.5": cleaning } } }
`,
);
const decoder = new EventDecoder(plant, { maxFutureMs: 300_000 });
const encoder = new TextEncoder();
const filler = plant.machineById.get(FILLER);

function decodeText(json: string, nowMs: number | null = NOW): PlantEvent | Refusal {
  const bytes = encoder.encode(json);
  return decoder.decode(bytes, 0, bytes.length, nowMs);
}

function codeOf(json: string, nowMs: number | null = NOW): RefusalCode | null {
  const decoded = decodeText(json, nowMs);
  return isRefusal(decoded) ? decoded.code : null;
}

/** The JSON of a state event. `members`: JSON texts that replace or add members; `null` leaves a member out. */
function stateJson(members: Readonly<Record<string, string | null>> = {}): string {
  return objectJson({ type: '"state"', machine: `"${FILLER}"`, at: `"${AT}"`, state: '"down"', ...members });
}

function countJson(members: Readonly<Record<string, string | null>>): string {
  return objectJson({ type: '"count"', machine: `"${FILLER}"`, at: `"${AT}"`, ...members });
}

function jobJson(members: Readonly<Record<string, string | null>>): string {
  return objectJson({ type: '"job"', machine: `"${FILLER}"`, at: `"${AT}"`, product: '"cola"', ...members });
}

function correctionJson(members: Readonly<Record<string, string | null>>): string {
  const span = { from: '"2026-03-02T01:00:00Z"', to: '"2026-03-02T02:00:00Z"' };
  return objectJson({ type: '"correction"', machine: `"${FILLER}"`, at: `"${AT}"`, ...span, ...members });
}

function objectJson(members: Readonly<Record<string, string | null>>): string {
  const written = Object.entries(members).flatMap(([name, value]) => (value === null ? [] : [`"${name}":${value}`]));
  return `{${written.join(",")}}`;
}

const at = Date.parse(AT);

test("DI-2: each of the four event types is decoded with all its fields", () => {
  const head = { machine: filler, at, id: null };
  expect(decodeText(stateJson({ reason: '"a/b"', id: '"7"' }))).toStrictEqual({
    ...head,
    type: "state",
    id: "7",
    state: "down",
    reason: "a/b",
  });
  expect(
    decodeText(countJson({ at: "1772427600000", good: "12", scrap: "1", rework: "0", startup: "false" })),
  ).toStrictEqual({
    ...head,
    type: "count",
    good: 12,
    scrap: 1,
    rework: 0,
    startup: false,
    product: null,
    order: null,
  });
  expect(decodeText(countJson({ total: '{"good":10231,"scrap":77}', startup: "true" }))).toStrictEqual({
    ...head,
    type: "total",
    good: 10_231,
    scrap: 77,
    rework: null,
    produced: null,
    startup: true,
    product: null,
    order: null,
  });
  expect(decodeText(jobJson({ order: '"4711"', idealCycleSeconds: "1.2" }))).toStrictEqual({
    ...head,
    type: "job",
    product: "cola",
    order: "4711",
    idealCycleUs: 1_200_000,
    piecesPerCount: null,
  });
  const span = { from: Date.UTC(2026, 2, 2, 1), to: Date.UTC(2026, 2, 2, 2) };
  expect(decodeText(correctionJson({ reason: '"jam"', by: '"anna"', note: '"n"' }))).toStrictEqual({
    ...head,
    type: "correction",
    ...span,
    state: null,
    reason: "jam",
    clear: false,
    by: "anna",
    note: "n",
  });
  expect(decodeText(correctionJson({ state: '"Idle"', reason: '"jam"' }))).toStrictEqual({
    ...head,
    type: "correction",
    ...span,
    state: "idle",
    reason: "jam",
    clear: false,
    by: null,
    note: null,
  });
  expect(decodeText(correctionJson({ clear: "true" }))).toStrictEqual({
    ...head,
    type: "correction",
    ...span,
    state: null,
    reason: null,
    clear: true,
    by: null,
    note: null,
  });
});

test("DI-2: events as producers mostly write them are decoded by the fast path", () => {
  const scanner = new EventScanner(plant, new Vocabulary(plant));
  for (const text of [
    stateJson({ reason: '"mechanical/Förderband"', id: '"7"' }),
    stateJson({ state: "6", at: "1772427600000" }),
    countJson({ good: "12", scrap: "-1", startup: "false", rework: "null", operator: '"anna"' }),
    countJson({ total: '{"good":10231, "scrap" : 77}' }),
    jobJson({ order: '"4711"' }),
    stateJson().replaceAll('":', '" :\t').replaceAll(',"', ' ,\r\n"'),
  ]) {
    const bytes = encoder.encode(text);
    expect({ text, found: scanner.scan(bytes, 0, bytes.length, 0, Number.POSITIVE_INFINITY) }).toStrictEqual({
      text,
      found: decodeText(text),
    });
  }
});

test("DI-2: a text that is no JSON, or no object, is malformed", () => {
  for (const text of [
    "",
    " ",
    "{",
    "x",
    "5",
    "null",
    '"a"',
    "[]",
    `[${stateJson()}]`,
    `${stateJson()}x`,
    `${stateJson()},`,
    `\ufeff${stateJson()}`,
    stateJson().replaceAll('"', "'"),
    stateJson({ a: "01" }),
    stateJson({ a: "" }),
    stateJson({ a: "NaN" }),
    stateJson({ a: '"\t"' }),
    "[".repeat(100_000),
  ]) {
    expect({ text, code: codeOf(text) }).toEqual({ text, code: "malformed" });
  }
  const bytes = encoder.encode(stateJson({ reason: '"x"' }));
  bytes[bytes.length - 3] = 0xff;
  expect(decoder.decode(bytes, 0, bytes.length, NOW)).toMatchObject({ code: "malformed" });
});

test("DI-2: an event with a missing field, or one of a wrong type, is invalid", () => {
  for (const text of [
    "{}",
    stateJson({ type: null }),
    stateJson({ type: '"stop"' }),
    stateJson({ type: '"State"' }),
    stateJson({ type: "1" }),
    stateJson({ machine: null }),
    stateJson({ machine: '""' }),
    stateJson({ machine: "1" }),
    stateJson({ at: null }),
    stateJson({ at: '"yesterday"' }),
    stateJson({ at: "1772427600000.5" }),
    stateJson({ at: '"1772427600000"' }),
    stateJson({ at: "true" }),
    stateJson({ state: null }),
    stateJson({ state: '""' }),
    stateJson({ state: "true" }),
    stateJson({ state: "[]" }),
    stateJson({ reason: '""' }),
    stateJson({ reason: "5" }),
    stateJson({ id: "5" }),
    stateJson({ id: '""' }),
    jobJson({ product: null }),
    jobJson({ product: '""' }),
    jobJson({ order: "4711" }),
    jobJson({ idealCycleSeconds: '"1.2"' }),
    jobJson({ idealCycleSeconds: "0" }),
    jobJson({ idealCycleSeconds: "-1" }),
    jobJson({ idealCycleSeconds: "1e300" }),
    correctionJson({}),
    correctionJson({ reason: '"a"', from: null }),
    correctionJson({ reason: '"a"', to: null }),
    correctionJson({ reason: '""' }),
    correctionJson({ clear: "false" }),
    correctionJson({ clear: "1" }),
    correctionJson({ reason: '"a"', by: "1" }),
    correctionJson({ reason: '"a"', note: '""' }),
  ]) {
    expect({ text, code: codeOf(text) }).toEqual({ text, code: "invalid" });
  }
});

test("DI-2: an event that contradicts itself is invalid", () => {
  for (const text of [
    countJson({ good: "1", total: '{"good":1}' }),
    correctionJson({ reason: '"a"', clear: "true" }),
    correctionJson({ state: '"down"', clear: "true" }),
    correctionJson({ reason: '"a"', clear: "false" }),
    correctionJson({ reason: '"a"', to: '"2026-03-02T01:00:00Z"' }),
    correctionJson({ reason: '"a"', to: '"2026-03-02T00:59:59Z"' }),
  ]) {
    expect({ text, code: codeOf(text) }).toEqual({ text, code: "invalid" });
  }
});

test("DI-2: instants before 2000 or after 2099 are invalid", () => {
  expect(codeOf(stateJson({ at: '"1999-12-31T23:59:59.999Z"' }))).toBe("invalid");
  expect(codeOf(stateJson({ at: '"2000-01-01T00:00:00Z"' }), null)).toBeNull();
  expect(codeOf(stateJson({ at: '"2099-12-31T23:59:59.999Z"' }), null)).toBeNull();
  expect(codeOf(stateJson({ at: '"2100-01-01T00:00:00Z"' }), null)).toBe("invalid");
  expect(codeOf(stateJson({ at: '"2100-01-01T00:30:00+01:00"' }), null)).toBeNull();
  expect(codeOf(stateJson({ at: "0" }))).toBe("invalid");
  expect(codeOf(correctionJson({ reason: '"a"', from: '"1999-01-01T00:00:00Z"' }))).toBe("invalid");
  expect(codeOf(correctionJson({ reason: '"a"', to: '"2100-01-01T00:00:00Z"' }))).toBe("invalid");
});

test("DI-2: of several faults of an event the code is of the first in the order invalid, unknown-machine, unknown-state, future or past", () => {
  const future = '"2026-03-02T12:05:00.001Z"';
  const nowhere = '"berlin/packing/l1/x"';
  expect(codeOf(stateJson({ machine: nowhere, state: '"x"', at: future, reason: '""' }))).toBe("invalid");
  expect(codeOf(stateJson({ machine: nowhere, state: '"x"', at: future }))).toBe("unknown-machine");
  expect(codeOf(stateJson({ machine: nowhere, state: '"x"', at: '"1999-01-01T00:00Z"' }))).toBe("invalid");
  expect(codeOf(stateJson({ state: '"x"', at: future }))).toBe("unknown-state");
  expect(codeOf(correctionJson({ state: '"x"', at: future }))).toBe("unknown-state");
  expect(codeOf(stateJson({ at: future }))).toBe("future");
  expect(codeOf(stateJson({ at: future }), null)).toBeNull();
  expect(codeOf(stateJson({ at: '"2026-03-02T12:05:00.000Z"' }))).toBeNull();
  const past = '"2025-01-26T11:59:59.999Z"';
  expect(codeOf(stateJson({ state: '"x"', at: past }))).toBe("unknown-state");
  expect(codeOf(stateJson({ at: past }))).toBe("past");
  expect(codeOf(correctionJson({ clear: "true", at: past }))).toBe("past");
  expect(codeOf(stateJson({ at: past }), null)).toBeNull();
  expect(codeOf(stateJson({ at: '"2025-01-26T12:00:00.000Z"' }))).toBeNull();
});

test("DI-2: `maxPastMs` says how far behind the clock events may lie, so that history can be imported", () => {
  const text = stateJson({ at: '"2003-03-02T12:00:00Z"' });
  const bytes = encoder.encode(text);
  const year = 365 * 24 * 3_600_000;
  const codes: (string | null)[] = [];
  const take = (): void => void codes.push(null);
  const refuse = ({ code }: { code: string }): void => void codes.push(code);
  for (const maxPastMs of [undefined, 20 * year, 30 * year]) {
    const decoded = decoder.decode(bytes, 0, bytes.length, NOW, maxPastMs);
    codes.push(isRefusal(decoded) ? decoded.code : null);
    decoder.decodeRecord(bytes, NOW, take, refuse, 0, bytes.length, maxPastMs);
    const value = decoder.decodeValue(JSON.parse(text), NOW, maxPastMs);
    codes.push(isRefusal(value) ? value.code : null);
  }
  expect(codes).toEqual(["past", "past", "past", "past", "past", "past", null, null, null]);
});

test("DI-2: a field that is null counts as absent, an unknown field is ignored, and of a field given twice the last counts", () => {
  expect(decodeText(stateJson({ reason: "null", id: "null", deep: '{"a":[1,{"at":5}]}', good: '"x"' }))).toStrictEqual(
    decodeText(stateJson()),
  );
  expect(codeOf(stateJson({ machine: "null" }))).toBe("invalid");
  expect(codeOf(countJson({ good: "null", scrap: "null" }))).toBe("invalid");
  expect(decodeText(countJson({ good: "1", total: "null" }))).toMatchObject({ type: "count", good: 1 });
  expect(decodeText(stateJson().replace("}", ',"state":"idle"}'))).toMatchObject({ state: "idle" });
  expect(decodeText(stateJson({ "re\\u0061son": '"\\u0061/\\"b\\""' }))).toMatchObject({ reason: 'a/"b"' });
  expect(decodeText(stateJson({ reason: '"a\\ud800b"' }))).toMatchObject({ reason: "a\ufffdb" });
});

test("CN-1: quantities are whole numbers, however written, and may be negative", () => {
  for (const [text, good] of [
    ["12", 12],
    ["-5", -5],
    ["12.0", 12],
    ["1.2e1", 12],
    ["120e-1", 12],
    ["0", 0],
    ["-0", 0],
    ["-0.0", 0],
    ["0e5", 0],
    ["1.2E+1", 12],
    ["7200000", 7_200_000],
    ["7200000.000", 7_200_000],
    ["12.00000000000000000000", 12],
  ] as const) {
    expect({ text, found: decodeText(countJson({ good: text })) }).toMatchObject({
      text,
      found: { type: "count", good },
    });
    const total = decodeText(countJson({ total: `{"good":${text}}` }));
    const expected = good < 0 ? { code: "invalid" } : { type: "total", good };
    expect({ text, total }).toMatchObject({ text, total: expected });
  }
  for (const text of [
    "1.5",
    "12.00000000000000000001",
    "9007199254740992",
    "9007199254740990.99999999",
    "1e400",
    "1e-400",
    '"1"',
    "true",
    "[1]",
  ]) {
    expect({ text, found: codeOf(countJson({ good: text })) }).toEqual({ text, found: "invalid" });
    expect({ text, found: codeOf(countJson({ total: `{"good":${text}}` })) }).toEqual({ text, found: "invalid" });
  }
  expect(codeOf(countJson({}))).toBe("invalid");
  expect(codeOf(countJson({ good: "1", startup: '"yes"' }))).toBe("invalid");
  expect(decodeText(countJson({ "g\\u006fod": "1.0e0", good: "2.0e0" }))).toMatchObject({ good: 2 });
});

test("CN-5: a count has at most the quantity of 100 days at the ideal cycle, so that sums stay exact; a total is at most 2^53 - 1", () => {
  const codes = (machine: string, quantity: string): (string | null)[] =>
    ["good", "scrap", "rework"].map((name) => codeOf(countJson({ machine: `"${machine}"`, [name]: quantity })));
  const unrated = "berlin/packing/l1/labeller";
  for (const sign of ["", "-"]) {
    // 7,200,000 pieces at 1.2 s take 100 days.
    expect(codes(FILLER, `${sign}7200000`)).toEqual([null, null, null]);
    expect(codes(FILLER, `${sign}7200001`)).toEqual(["invalid", "invalid", "invalid"]);
    expect(codes(FILLER, `${sign}9007199254740991`)).toEqual(["invalid", "invalid", "invalid"]);
    expect(codes(unrated, `${sign}10000000000`)).toEqual([null, null, null]);
    expect(codes(unrated, `${sign}10000000001`)).toEqual(["invalid", "invalid", "invalid"]);
  }
  expect(decodeText(countJson({ good: "4294967295" }))).toEqual({
    code: "invalid",
    detail:
      "good: expected at most 7200000 of this machine in one count, which are 100 days of its ideal cycle, either way, found 4294967295",
  });
  expect(decodeText(countJson({ total: '{"good":9007199254740991}' }))).toMatchObject({ good: 9_007_199_254_740_991 });
});

test("DI-2: texts have at most 1024 characters, a note 16384, and a job's cycle 100 days", () => {
  const text = (length: number): string => `"${"x".repeat(length)}"`;
  for (const name of ["id", "reason"]) {
    expect(codeOf(stateJson({ [name]: text(1_024) }))).toBeNull();
    expect(codeOf(stateJson({ [name]: text(1_025) }))).toBe("invalid");
  }
  for (const name of ["product", "order"]) {
    expect(codeOf(jobJson({ [name]: text(1_024) }))).toBeNull();
    expect(codeOf(jobJson({ [name]: text(1_025) }))).toBe("invalid");
  }
  expect(codeOf(jobJson({ idealCycleSeconds: "8640000" }))).toBeNull();
  expect(codeOf(jobJson({ idealCycleSeconds: "8640000.000001" }))).toBe("invalid");
  expect(codeOf(correctionJson({ clear: "true", by: text(1_025) }))).toBe("invalid");
  expect(codeOf(correctionJson({ clear: "true", note: text(16_384) }))).toBeNull();
  expect(codeOf(correctionJson({ clear: "true", note: text(16_385) }))).toBe("invalid");
  expect(codeOf(stateJson({ remark: text(5_000) }))).toBeNull();
});

test("CN-2: a total has one or more of the quantities, none below 0", () => {
  expect(decodeText(countJson({ total: '{"rework":3,"x":1.5,"good":null}' }))).toMatchObject({ good: null, rework: 3 });
  for (const total of ["{}", '{"good":null}', '{"good":-1}', '{"good":-1.0e0}', '{"x":1}', "[]", "5", '"5"', "true"]) {
    expect({ total, found: codeOf(countJson({ total })) }).toEqual({ total, found: "invalid" });
  }
});

test("TL-5: a state is looked up among the machine's own words, then among ours, whatever its case and separators; a number counts as its text", () => {
  for (const [word, state] of [
    ['"EXECUTE"', "running"],
    ["6", "running"],
    ['"6"', "running"],
    ["6.0", "running"],
    ["6e0", "running"],
    ["9", "setup"],
    ["-1", "down"],
    ["6.5", "cleaning"],
    ['"running"', "idle"],
    ['"RUNNING"', "idle"],
    ['"läuft_GUT"', "running"],
    ['"No Demand"', "no-demand"],
    ['"no_demand"', "no-demand"],
    ['"down"', "down"],
  ] as const) {
    expect({ word, found: decodeText(stateJson({ state: word })) }).toMatchObject({ word, found: { state } });
    expect({ word, found: decodeText(correctionJson({ state: word })) }).toMatchObject({ word, found: { state } });
  }
  const labeller = '"berlin/packing/l1/labeller"';
  expect(decodeText(stateJson({ machine: labeller, state: '"running"' }))).toMatchObject({ state: "running" });
  for (const word of ['"Execute"', "6", '"läuft gut"', '" running"']) {
    expect({ word, found: codeOf(stateJson({ machine: labeller, state: word })) }).toEqual({
      word,
      found: "unknown-state",
    });
  }
});

test("P-2: an ideal cycle is whole microseconds, half up from the decimal as written", () => {
  for (const [text, idealCycleUs] of [
    ["1.2", 1_200_000],
    ["1", 1_000_000],
    ["0.0000005", 1],
    ["5e-7", 1],
    ["1.0000005", 1_000_001],
    ["12e-1", 1_200_000],
    // Read as doubles these would be rounded otherwise: the first is half a microsecond as a double, the second less.
    ["0.00000149999999999999999999", 1],
    ["1.00000049999999999999999999", 1_000_000],
  ] as const) {
    expect({ text, found: decodeText(jobJson({ idealCycleSeconds: text })) }).toMatchObject({
      text,
      found: { idealCycleUs },
    });
  }
  for (const text of ["0.0000004", "0.00000049999999999999999999", "1e-400"]) {
    expect({ text, found: codeOf(jobJson({ idealCycleSeconds: text })) }).toEqual({ text, found: "invalid" });
  }
});

test("DI-2: a record is one event, or an array of events judged one by one with their own bytes", () => {
  const good = stateJson();
  const bad = stateJson({ state: "[1, 2]" });
  expect(recordOf(good)).toEqual([["down", 0, good.length]]);
  expect(recordOf("[]")).toEqual([]);
  expect(recordOf("\ufeff [ ]\n")).toEqual([]);
  // A byte order mark has 3 bytes, which belong to the bytes of a refusal, and not to those of an event.
  expect(recordOf(`\ufeff${good}`)).toEqual([["down", 3, 3 + good.length]]);
  expect(recordOf("\ufeff{")).toEqual([["malformed", 0, 4]]);
  expect(recordOf(`[${good}, ${bad} ,5,[${good}]]`)).toEqual([
    ["down", 1, 1 + good.length],
    ["invalid", 3 + good.length, 3 + good.length + bad.length],
    ["malformed", 5 + good.length + bad.length, 6 + good.length + bad.length],
    ["malformed", 7 + good.length + bad.length, 9 + 2 * good.length + bad.length],
  ]);
  for (const text of [
    "",
    "[",
    "]",
    `[${good}`,
    `[${good},]`,
    `[${good} ${good}]`,
    `[${good}]x`,
    `[${good},nul]`,
    `[,${good}]`,
    `[${good}]]`,
  ]) {
    expect({ text, found: recordOf(text) }).toEqual({ text, found: [["malformed", 0, text.length]] });
  }
});

function recordOf(text: string): (string | number)[][] {
  const found: (string | number)[][] = [];
  decoder.decodeRecord(
    encoder.encode(text),
    NOW,
    (event, start, end) => found.push([event.type === "state" ? event.state : event.type, start, end]),
    ({ code }, start, end) => found.push([code, start, end]),
  );
  return found;
}

test("DI-2: a row of a columnar file is decoded as an event, with dates, bigints and undefined", () => {
  const row = { type: "count", machine: FILLER, at: new Date(at), good: 12n, scrap: null, rework: undefined };
  expect(decoder.decodeValue(row, NOW)).toStrictEqual(decodeText(countJson({ good: "12" })));
  expect(decoder.decodeValue({ ...row, at: BigInt(at), good: 12 }, NOW)).toStrictEqual(
    decodeText(countJson({ good: "12" })),
  );
  expect(decoder.decodeValue({ ...row, good: 2n ** 60n }, NOW)).toMatchObject({ code: "invalid" });
  expect(decoder.decodeValue({ ...row, at: new Date(Number.NaN) }, NOW)).toMatchObject({ code: "invalid" });
  expect(decoder.decodeValue({ ...row, good: Number.NaN }, NOW)).toMatchObject({ code: "invalid" });
  for (const value of [undefined, null, 5, "x", [], [row], Symbol("x"), () => row]) {
    expect(decoder.decodeValue(value, NOW)).toMatchObject({ code: "malformed" });
  }
});

test("DI-2: the detail names the field, what was found and what was expected, and stays short", () => {
  expect(detailOf(stateJson({ at: '"soon"' }))).toBe(
    'at: expected an RFC 3339 text (2026-03-02T05:00:00Z) or whole epoch milliseconds, found "soon"',
  );
  expect(detailOf(countJson({ total: '{"good":-1}' }))).toBe("total.good: expected a total of 0 or more, found -1");
  expect(detailOf(stateJson({ machine: '"x/y"' }))).toBe('machine: the plant has no "x/y"');
  expect(detailOf(stateJson({ state: "99" }))).toBe(`state: neither the state map of ${FILLER} nor ours has "99"`);
  expect(detailOf(stateJson({ at: '"2026-03-02T12:05:00.001Z"' }))).toBe(
    "at: 2026-03-02T12:05:00.001Z is after 2026-03-02T12:05:00.000Z, the latest allowed",
  );
  expect(detailOf(stateJson({ machine: `"${"x".repeat(100_000)}"` })).length).toBeLessThan(200);
  expect(detailOf(stateJson({ at: "9".repeat(100_000) })).length).toBeLessThan(300);
});

function detailOf(text: string): string {
  const decoded = decodeText(text);
  return isRefusal(decoded) ? decoded.detail : "";
}

describe("quantities", () => {
  test("CN-5: a machine without decimals, or that the plant lacks, counts whole numbers", () => {
    expect(decodeText(countJson({ good: "0.5" }))).toMatchObject({ code: "invalid" });
    expect(decodeText(countJson({ good: "12.0" }))).toMatchObject({ good: 12 });
    expect(decodeText(countJson({ machine: '"a/b/c/d"', good: "0.5" }))).toMatchObject({ code: "invalid" });
    expect(decodeText(countJson({ machine: '"a/b/c/d"', good: "5" }))).toMatchObject({ code: "unknown-machine" });
  });

  test("CN-7: produced stands beside good, and not beside scrap", () => {
    expect(decodeText(countJson({ produced: "13", good: "10", rework: "1" }))).toMatchObject({ good: 10, scrap: 2 });
    expect(decodeText(countJson({ total: '{"produced":13,"good":10}' }))).toMatchObject({ produced: 13, scrap: null });
    for (const count of [
      { produced: "13" },
      { produced: "13", scrap: "1" },
      { produced: "13", good: "1", scrap: "1" },
    ]) {
      expect(decodeText(countJson({ good: null, scrap: null, ...count }))).toMatchObject({ code: "invalid" });
    }
    expect(decodeText(countJson({ total: '{"produced":13}' }))).toMatchObject({ code: "invalid" });
    expect(decodeText(countJson({ total: '{"produced":13,"good":1,"scrap":2}' }))).toMatchObject({ code: "invalid" });
  });

  test("CN-6, CN-9: a count may name product and order, a job its pieces per count", () => {
    expect(decodeText(countJson({ good: "1", product: '"cloth"', order: '"4712"' }))).toMatchObject({
      product: "cloth",
      order: "4712",
    });
    expect(decodeText(countJson({ good: "1", product: '""' }))).toMatchObject({ code: "invalid" });
    expect(decodeText(jobJson({ piecesPerCount: "4" }))).toMatchObject({ piecesPerCount: 4 });
    for (const pieces of ["0", "1.5", "1000001", '"4"']) {
      expect(decodeText(jobJson({ piecesPerCount: pieces })), pieces).toMatchObject({ code: "invalid" });
    }
  });
});

test("a field that is now a number and now a text gives two learned layouts, and events of both are decoded by them", () => {
  const lines = [at, AT].map((instant) =>
    Buffer.from(`${JSON.stringify({ type: "count", machine: FILLER, at: instant, good: 1 })}\n`.repeat(40)),
  );
  const fresh = new EventDecoder(plant, { maxFutureMs: 0 });
  // The first round learns both layouts; in the next ones events of the two come in turn.
  const known = lines.map(() => 0);
  for (let round = 0; round < 3; round++) {
    for (const [which, bytes] of lines.entries()) {
      const length = bytes.length / 40;
      for (let start = 0; start < bytes.length; start += length) {
        if (fresh.decodeLine(bytes, start, bytes.length, null) === null) {
          fresh.decode(bytes, start, start + length - 1, null);
        } else if (round > 0) {
          known[which] = (known[which] ?? 0) + 1;
        }
      }
    }
  }
  expect(known).toEqual([80, 80]);
});
