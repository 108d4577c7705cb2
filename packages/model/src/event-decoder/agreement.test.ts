/** The fast and the careful path are one decoder: random events, sound, unsound and damaged, get one answer from both. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { isRefusal, parsePlant, type PlantEvent, type Refusal } from "../index.ts";
import { EventDecoder } from "./event-decoder.ts";

const NOW = Date.UTC(2026, 2, 2, 12);

const PLANT = `
enterprise: acme
sites:
  berlin: { areas: { packing: { lines: { l1: { machines: {
    filler: { idealCycleSeconds: 1.2, states: packml }, labeller: { idealCycleSeconds: null, states: own } } } } } } }
stateMaps: { own: { map: { "Läuft": running, "7": down, "Running": idle } } }
`;

const parsed = parsePlant(PLANT, "plant.yaml");
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
const decoder = new EventDecoder(parsed.plant, { maxFutureMs: 300_000 });
const encoder = new TextEncoder();

const machine = fc.constantFrom("berlin/packing/l1/filler", "berlin/packing/l1/labeller", "berlin/packing/l1/x", "", 5);
const instant = fc.oneof(
  fc
    .date({ min: new Date(NOW - 1e9), max: new Date(NOW + 400_000), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.integer({ min: NOW - 1e9, max: NOW + 400_000 }),
  fc.constantFrom(
    "2026-03-02T06:00Z",
    "2026-03-02t06:00:00.1234567+01:00",
    "2026-02-29T00:00:00Z",
    "1999-12-31T23:59:59.999Z",
    "2000-01-01T00:00:00Z",
    "2100-01-01T00:00:00Z",
    "2026-03-02T06:00:00",
    "2026-03-02 06:00:00Z",
    0,
    -1,
    4_102_444_800_000,
    1.5,
    "",
    true,
  ),
);
const whole = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 12, 1.5, 1e20, 2 ** 53, "3", true, null),
);
const text = fc.oneof(
  fc.constantFrom("a", "mechanical/conveyor/jam", "Füller", "\u{1f600}", "", "\ufeffx", "\ud800", 'a"b', 7),
  fc.string({ unit: "grapheme" }),
);
const word = fc.oneof(
  fc.constantFrom(
    "running",
    "RUNNING",
    "no_demand",
    "No Demand",
    "Execute",
    6,
    7,
    "7",
    99,
    -1,
    6.5,
    "Läuft",
    "",
    "nowhere",
    false,
  ),
  text,
);
const flag = fc.constantFrom(true, false, null, 1, "true");
const totals = fc.oneof(
  fc.record({ good: whole, scrap: whole, rework: whole, other: whole }, { requiredKeys: [] }),
  fc.constantFrom(null, 5, [], [1], "x", {}),
);
const seconds = fc.constantFrom(1.2, 0, -1, 1e-7, 5e-7, 1e300, "1", null);
const odd = fc.oneof(fc.jsonValue(), fc.constantFrom("Jürgen", "plain", 1, null, true));

const anyEvent = fc.record(
  {
    type: fc.constantFrom("state", "state", "count", "count", "job", "correction", "STATE", "total", "", 1, null),
    machine,
    at: instant,
    state: word,
    reason: text,
    id: text,
    good: whole,
    scrap: whole,
    rework: whole,
    startup: flag,
    total: totals,
    product: text,
    order: text,
    idealCycleSeconds: seconds,
    from: instant,
    to: instant,
    clear: flag,
    by: text,
    note: text,
    other: odd,
    "odd key é": odd,
  },
  { requiredKeys: [] },
);
const atBest = { machine: fc.constantFrom("berlin/packing/l1/filler", "berlin/packing/l1/labeller"), at: instant };
const likelyEvent = fc.oneof(
  fc.record(
    { type: fc.constant("state"), ...atBest, state: word, reason: text, id: text },
    { requiredKeys: ["type", "machine", "at", "state"] },
  ),
  fc.record(
    { type: fc.constant("count"), ...atBest, good: whole, scrap: whole, startup: flag },
    { requiredKeys: ["type", "machine", "at"] },
  ),
  fc.record(
    { type: fc.constant("count"), ...atBest, total: totals, startup: flag, other: odd },
    { requiredKeys: ["type", "machine", "at", "total"] },
  ),
  fc.record(
    { type: fc.constant("job"), ...atBest, product: text, order: text, idealCycleSeconds: seconds },
    { requiredKeys: ["type", "machine", "at", "product"] },
  ),
);

/** An object's JSON with its members in any order, and white space where JSON allows it. */
const written = fc
  .tuple(fc.oneof(anyEvent, likelyEvent), fc.infiniteStream(fc.nat()), fc.constantFrom("", "", " ", "\n\t "))
  .map(([event, picks, space]) => {
    const members = Object.entries(event).map(
      ([key, value]) => `${JSON.stringify(key)}${space}:${space}${JSON.stringify(value)}`,
    );
    const shuffled = members
      .map((member) => ({ member, rank: picks.next().value ?? 0 }))
      .sort((a, b) => a.rank - b.rank);
    return `${space}{${space}${shuffled.map(({ member }) => member).join(`${space},${space}`)}${space}}${space}`;
  });

/** Damage of the kinds that tell a hand-written scanner from a parser. */
const damaged = fc
  .tuple(
    written,
    fc.nat(),
    fc.constantFrom(
      "",
      "0",
      "-",
      ".",
      "e5",
      "1.0",
      '"',
      "\\",
      "\\u0061",
      ",",
      "}",
      "{",
      "[",
      " ",
      "\u0001",
      "\ufeff",
      "null",
      "é",
      ',"good":1',
      '"good":007,',
      "1e2",
      "00",
      "\u00a0",
    ),
    fc.boolean(),
  )
  .map(([json, pick, piece, replaces]) => {
    const at = pick % (json.length + 1);
    return json.slice(0, at) + piece + json.slice(replaces ? at + 1 : at);
  });

/** Damage below the level of characters. */
const damagedBytes = fc.tuple(written, fc.nat(), fc.nat({ max: 255 })).map(([json, pick, byte]) => {
  const bytes = encoder.encode(json);
  bytes[pick % bytes.length] = byte;
  return bytes;
});

const anyBytes = fc.oneof(
  { weight: 4, arbitrary: written.map((json) => encoder.encode(json)) },
  { weight: 3, arbitrary: damaged.map((json) => encoder.encode(json)) },
  { weight: 1, arbitrary: damagedBytes },
);

test("DI-2: the fast path answers what the careful path answers", () => {
  fc.assert(
    fc.property(anyBytes, fc.constantFrom(NOW, null), (bytes, now) => {
      const careful = decoder.decodeCarefully(bytes, 0, bytes.length, now);
      expect(decoder.decode(bytes, 0, bytes.length, now)).toStrictEqual(careful);
      if (isRefusal(careful)) expect(careful.detail.length).toBeLessThan(300);
    }),
    { numRuns: 20_000 },
  );
});

test("DI-2: an event's bytes end where they are said to, whatever follows", () => {
  fc.assert(
    fc.property(written, fc.string(), (json, rest) => {
      const bytes = encoder.encode(json);
      const longer = encoder.encode(`${rest}${json}${rest}`);
      const start = encoder.encode(rest).length;
      const alone = decoder.decode(bytes, 0, bytes.length, NOW);
      expect(decoder.decode(longer, start, start + bytes.length, NOW)).toStrictEqual(alone);
    }),
    { numRuns: 2_000 },
  );
});

test("DI-2: an array is the row of its elements, each judged on its own, with its own bytes", () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 6 }), fc.constantFrom(NOW, null), (events, now) => {
      const bytes = encoder.encode(`\ufeff [${events.join(",")}] `);
      const decoded: (PlantEvent | Refusal)[] = [];
      const originals: Uint8Array[] = [];
      const take = (result: PlantEvent | Refusal, start: number, end: number): void => {
        decoded.push(result);
        originals.push(bytes.slice(start, end));
      };
      decoder.decodeRecord(bytes, now, take, take);
      expect(originals).toStrictEqual(events.map((event) => encoder.encode(event.trim())));
      expect(decoded).toStrictEqual(originals.map((event) => decoder.decodeCarefully(event, 0, event.length, now)));
    }),
    { numRuns: 2_000 },
  );
});

test("DI-2: a record that does not parse as a whole is one refusal, and a whole that parses is none", () => {
  fc.assert(
    fc.property(fc.array(damaged, { maxLength: 4 }), fc.constantFrom("", ",", "]", "x"), (events, tail) => {
      const text = `[${events.join(",")}]${tail}`;
      const bytes = encoder.encode(text);
      const codes: [string | null, number, number][] = [];
      decoder.decodeRecord(
        bytes,
        NOW,
        (_event, start, end) => codes.push([null, start, end]),
        ({ code }, start, end) => codes.push([code, start, end]),
      );
      let elements: unknown = null;
      try {
        elements = JSON.parse(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
      } catch {
        expect(codes).toEqual([["malformed", 0, bytes.length]]);
        return;
      }
      expect(Array.isArray(elements) && elements.length).toBe(codes.length);
    }),
    { numRuns: 3_000 },
  );
});
