/** The fast and the careful path of the decoder answer the same: for random events, sound, unsound and damaged. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isRefusal, type PlantEvent, type Refusal } from "../index.ts";
import { EventDecoder } from "./event-decoder.ts";
import { NdjsonSplitter } from "./ndjson.ts";
import { plantFrom } from "../../../../tests/support/plant.ts";

const NOW = Date.UTC(2026, 2, 2, 12);

const PLANT = `
enterprise: acme
sites:
  berlin: { areas: { packing: { lines: { l1: { machines: {
    filler: { idealCycleSeconds: 1.2, states: packml }, labeller: { idealCycleSeconds: null, states: own, decimals: 2 } } } } } } }
stateMaps: { own: { map: { "Läuft": running, "7": down, "Running": idle } } }
`;

const plant = plantFrom(PLANT);
const decoder = new EventDecoder(plant, { maxFutureMs: 300_000 });
const encoder = new TextEncoder();

/** Sound values 15 times as often as odd ones, so that an event of five fields is often sound in all of them. */
function mostly<T, U>(sound: fc.Arbitrary<T>, odd: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ weight: 15, arbitrary: sound }, { weight: 1, arbitrary: odd });
}

const soundMachine = fc.constantFrom("berlin/packing/l1/filler", "berlin/packing/l1/labeller");
const machine = mostly(soundMachine, fc.constantFrom("berlin/packing/l1/x", "", 5, null));
const instant = mostly(
  fc.oneof(
    fc.integer({ min: NOW - 1e9, max: NOW + 300_000 }).map((ms) => new Date(ms).toISOString()),
    fc.integer({ min: NOW - 1e9, max: NOW + 300_000 }),
    fc.constantFrom("2026-03-02T06:00Z", "2026-03-02t06:00:00.1234567+01:00", "2025-01-26T12:00:00z"),
  ),
  fc.oneof(
    fc.integer({ min: NOW, max: NOW + 600_000 }),
    fc.integer({ min: NOW - 401 * 86_400_000, max: NOW - 399 * 86_400_000 }),
    fc.constantFrom("2000-01-01T00:00:00z", "2025-01-26T11:59:59.999Z"),
    fc.constantFrom("2026-02-29T00:00:00Z", "1999-12-31T23:59:59.999Z", "2100-01-01T00:00:00Z", "2026-03-02T06:00:00"),
    fc.constantFrom("2026-03-02 06:00:00Z", 0, -1, 4_102_444_800_000, 1.5, "", true, null),
  ),
);
const whole = mostly(
  fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -5, max: 1000 }) },
    { weight: 4, arbitrary: fc.maxSafeInteger() },
    // Around the largest count (`bounds.ts`) of the machine with an ideal cycle, and of the one without.
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        7_200_000,
        -7_200_000,
        7_200_001,
        -7_200_001,
        1e10,
        -1e10,
        1e10 + 1,
        -1e10 - 1,
        1e8,
        1e8 + 1,
      ),
    },
    { weight: 1, arbitrary: fc.integer({ min: -999, max: 99_999 }).map((n) => n / 1000) },
  ),
  fc.constantFrom(-0, 1.5, 1.005, -0.005, 1e-7, 1e20, 2 ** 53, 90_071_992_547_409.91, "3", true, null),
);
const someText = mostly(
  fc.oneof(fc.constantFrom("a", "mechanical/conveyor/jam", "Füller", "\u{1f600}", "\ufeffx"), fc.uuid()),
  fc.oneof(
    fc.constantFrom("é".repeat(600), "x".repeat(1024), "x".repeat(1025)),
    fc.constantFrom("", "\ud800", 'a"b', "a\\b", "a\nb", 7, null),
    fc.string({ unit: "grapheme" }),
  ),
);
const word = mostly(
  fc.constantFrom("running", "RUNNING", "no_demand", "No Demand", "Execute", 6, 7, "7"),
  fc.constantFrom(99, -1, 6.5, "Läuft", "", "nowhere", false, null),
);
const flag = mostly(fc.boolean(), fc.constantFrom(null, 1, "true"));
const total = mostly(
  fc.oneof(
    fc.nat(),
    fc.nat().map((n) => n / 100),
  ),
  whole,
);
const totals = mostly(
  fc.oneof(
    fc.record({ good: total, scrap: total, rework: total }, { requiredKeys: ["good"] }),
    fc.record({ good: total, rework: total, produced: total }, { requiredKeys: ["good", "produced"] }),
  ),
  fc.oneof(fc.record({ scrap: total, other: whole }), fc.constantFrom(null, 5, [], [1], "x", {})),
);
const seconds = mostly(fc.constantFrom(1.2, 3, 0.000_001), fc.constantFrom(0, -1, 1e-7, 5e-7, 1e300, "1", null));
const pieces = mostly(fc.integer({ min: 1, max: 8 }), fc.constantFrom(0, -1, 1.5, 1_000_001, "2", null));
const other = mostly(fc.constantFrom("plain", "Jürgen", 1, -2.5, null, true), fc.jsonValue());

const more = { reason: someText, id: someText, other, "odd kéy": other };
const head = { machine, at: instant };
const needed = ["type", "machine", "at"] as const;
const likelyKinds: readonly fc.Arbitrary<object>[] = [
  fc.record({ type: fc.constant("state"), ...head, state: word, ...more }, { requiredKeys: [...needed, "state"] }),
  fc.record(
    { type: fc.constant("count"), ...head, good: whole, scrap: whole, rework: whole, startup: flag, other },
    { requiredKeys: [...needed, "good"] },
  ),
  fc.record(
    {
      type: fc.constant("count"),
      ...head,
      good: whole,
      rework: whole,
      produced: whole,
      product: someText,
      order: someText,
    },
    { requiredKeys: [...needed, "good", "produced"] },
  ),
  fc.record(
    { type: fc.constant("count"), ...head, total: totals, startup: flag, id: someText, product: someText },
    { requiredKeys: [...needed, "total"] },
  ),
  fc.record(
    {
      type: fc.constant("job"),
      ...head,
      product: someText,
      order: someText,
      idealCycleSeconds: seconds,
      piecesPerCount: pieces,
    },
    { requiredKeys: [...needed, "product"] },
  ),
  fc.record(
    {
      type: fc.constant("correction"),
      ...head,
      from: instant,
      to: instant,
      reason: someText,
      state: word,
      by: someText,
    },
    { requiredKeys: [...needed, "from", "to"] },
  ),
];
const likelyEvent = fc.oneof(...likelyKinds);
const anyEvent = fc.record(
  {
    type: fc.constantFrom("state", "state", "count", "count", "job", "correction", "STATE", "total", "", 1, null),
    ...head,
    state: word,
    ...more,
    good: whole,
    scrap: whole,
    rework: whole,
    produced: whole,
    piecesPerCount: pieces,
    startup: flag,
    total: totals,
    product: someText,
    order: someText,
    idealCycleSeconds: seconds,
    from: instant,
    to: instant,
    clear: flag,
    by: someText,
    note: someText,
  },
  { requiredKeys: [] },
);

const ranks = fc.array(fc.nat(), { minLength: 8, maxLength: 8 });

/** An object's JSON with its members in the order of their ranks, and white space where JSON allows it. */
function writtenAs(event: object, picks: readonly number[], space: string): string {
  const members = Object.entries(event).map(
    ([key, value]) => `${JSON.stringify(key)}${space}:${space}${JSON.stringify(value)}`,
  );
  const shuffled = members
    .map((member, i) => ({ member, rank: picks[i % 8] ?? 0 }))
    .toSorted((a, b) => a.rank - b.rank);
  return `${space}{${space}${shuffled.map(({ member }) => member).join(`${space},${space}`)}${space}}${space}`;
}

const written = fc
  .tuple(
    fc.oneof({ weight: 1, arbitrary: anyEvent }, { weight: 5, arbitrary: likelyEvent }),
    ranks,
    fc.constantFrom("", "", " ", "\n\t "),
  )
  .map(([event, picks, space]) => writtenAs(event, picks, space));

/** An event, and others that are laid out like it, some of them damaged in one byte. */
const alike = fc
  .constantFrom(...likelyKinds)
  .chain((kind) =>
    fc.tuple(
      kind,
      fc.array(fc.tuple(kind, fc.option(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { freq: 1 })), { minLength: 1 }),
      ranks,
      fc.constantFrom("", "", " "),
    ),
  )
  .map(([first, others, picks, space]) => {
    const bytesOf = (event: object): Uint8Array => encoder.encode(writtenAs(event, picks, space));
    return {
      first: bytesOf(first),
      others: others.map(([event, damage]) => {
        const values = new Map(Object.entries(event));
        const entries = Object.entries(first).map(([key, value]): [string, unknown] => [key, values.get(key) ?? value]);
        const bytes = bytesOf(Object.fromEntries(entries));
        if (damage !== null) bytes[damage[0] % bytes.length] = damage[1];
        return bytes;
      }),
    };
  });

/** Events into which a piece of text was put at which a hand-written scanner and a JSON parser may differ. */
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

/** Events with one byte changed, which may be no UTF-8 any more. */
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
      expect(isRefusal(careful) ? careful.detail.length : 0).toBeLessThan(300);
    }),
    { numRuns: 6_000 },
  );
});

/** Bytes behind an event that make its chunk as large as the decoder wants it for the use of learned layouts. */
const BEYOND = new Uint8Array(1024);

/** How often an event is decoded so that its layout is learned: more often than is needed. */
const LESSONS = 16;

function learn(event: Uint8Array): void {
  for (let i = 0; i < LESSONS; i++) decoder.decode(event, 0, event.length, NOW);
}

test("DI-2: an event with a learned layout is decoded as the careful path decodes it", () => {
  fc.assert(
    fc.property(alike, fc.constantFrom(NOW, null), ({ first, others }, now) => {
      learn(first);
      for (const bytes of others) {
        const careful = decoder.decodeCarefully(bytes, 0, bytes.length, now);
        expect(decoder.decode(bytes, 0, bytes.length, now)).toStrictEqual(careful);
        // The same event as the beginning of a longer chunk.
        const chunk = Uint8Array.from([...bytes, ...first, ...BEYOND]);
        expect(decoder.decode(chunk, 0, bytes.length, now)).toStrictEqual(careful);
      }
    }),
    { numRuns: 3_000 },
  );
});

test("DI-2: an event that differs a little from a learned layout is decoded as the careful path decodes it", () => {
  const count = (id: string, good: string): string =>
    `{"type":"count","machine":"berlin/packing/l1/filler","at":${NOW},"id":"${id}","good":${good}}`;
  learn(encoder.encode(count("abc", "12")));
  const goods = [
    "0",
    "-0",
    "-7",
    "007",
    "-",
    "+1",
    "1234",
    "123456789012345",
    "1234567890123456",
    "1.25",
    "-1.5",
    "0.5.5",
    "1.",
    "12345678901234.5",
    "1.0",
    "1e3",
    "null",
  ];
  const ids = ["", "é", "abcdé", "\u{1f600}", "abc\\n", "ab\tc", "abcdefgh", "\u0000"];
  for (const json of [...goods.map((good) => count("abc", good)), ...ids.map((id) => count(id, "12"))]) {
    const bytes = encoder.encode(`${json}\n${count("abc", "12")}${"\n".repeat(1024)}`);
    const { length } = encoder.encode(json);
    for (const end of [length, length - 1, length - 2]) {
      expect(decoder.decode(bytes, 0, end, NOW), json).toStrictEqual(decoder.decodeCarefully(bytes, 0, end, NOW));
    }
  }
});

test("DI-2: lines that `decodeLine` takes by a learned layout are those that the splitter finds, however the file is cut into chunks", () => {
  let takenAtSight = 0;
  const readAs = (file: Uint8Array, chunkBytes: number, atSight: boolean): unknown[] => {
    const found: unknown[] = [];
    const splitter = new NdjsonSplitter(
      (bytes, start, end, line) => found.push([line, decoder.decodeCarefully(bytes, start, end, NOW)]),
      (refusal, line) => found.push([line, refusal]),
      300,
      (bytes, start, end, line) => {
        const event = atSight ? decoder.decodeLine(bytes, start, end, NOW) : null;
        if (event === null) return -1;
        found.push([line, event]);
        takenAtSight++;
        return decoder.lineEnd;
      },
    );
    for (let i = 0; i < file.length; i += chunkBytes) splitter.push(file.subarray(i, i + chunkBytes));
    splitter.finish();
    return found;
  };
  fc.assert(
    fc.property(
      alike,
      fc.constantFrom("\n", "\n", "\r\n", "\n\n", ""),
      fc.constantFrom(1, 17, 100, 1_000, 1_000_000),
      (events, gap, cut) => {
        learn(events.first);
        const separator = encoder.encode(gap);
        const lines = events.others.flatMap((event) => [event, events.first]);
        const file = Uint8Array.from([...lines.flatMap((line) => [...line, ...separator]), ...BEYOND]);
        expect(readAs(file, cut, true)).toStrictEqual(readAs(file, cut, false));
      },
    ),
    { numRuns: 2_000 },
  );
  expect(takenAtSight).toBeGreaterThan(50);
});

test("DI-2: an event is decoded from its bytes alone, whatever stands before and behind them", () => {
  fc.assert(
    fc.property(written, fc.string(), (json, rest) => {
      const bytes = encoder.encode(json);
      const longer = encoder.encode(`${rest}${json}${rest}`);
      const start = encoder.encode(rest).length;
      const alone = decoder.decode(bytes, 0, bytes.length, NOW);
      expect(decoder.decode(longer, start, start + bytes.length, NOW)).toStrictEqual(alone);
    }),
    { numRuns: 1_000 },
  );
});

test("DI-2: of an array each element is decoded on its own, and handed over with its own bytes", () => {
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
    { numRuns: 300 },
  );
});

test("DI-2: an array that is no JSON is one refusal; of one that is JSON each element has its own result", () => {
  fc.assert(
    fc.property(fc.array(damaged, { maxLength: 4 }), fc.constantFrom("", ",", "]", "x"), (events, tail) => {
      const record = `[${events.join(",")}]${tail}`;
      const bytes = encoder.encode(record);
      const codes: [string | null, number, number][] = [];
      decoder.decodeRecord(
        bytes,
        NOW,
        (_event, start, end) => codes.push([null, start, end]),
        ({ code }, start, end) => codes.push([code, start, end]),
      );
      const count = elementCount(bytes);
      expect(count === null ? codes : codes.length).toEqual(count ?? [["malformed", 0, bytes.length]]);
    }),
    { numRuns: 1_000 },
  );
});

test("DI-2: a record in the middle of a larger buffer is decoded as it is alone, also one that is cut off", () => {
  // Learned layouts are used only in buffers of at least 1,024 bytes.
  const large = " ".repeat(1_200);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(written, damaged), { maxLength: 3 }),
      fc.boolean(),
      fc.nat({ max: 60 }),
      written,
      (events, array, missing, after) => {
        const record = array ? `[${events.join(",")}]` : events.join("");
        const alone = encoder.encode(record.slice(0, Math.max(0, record.length - (missing > 30 ? 0 : missing))));
        const results = (bytes: Uint8Array, from: number, end: number): unknown[] => {
          const found: unknown[] = [];
          const take = (result: PlantEvent | Refusal, start: number, until: number): void => {
            found.push([result, start - from, until - from]);
          };
          decoder.decodeRecord(bytes, NOW, take, take, from, end);
          return found;
        };
        const rest = encoder.encode(`${after}${large}`);
        const among = Buffer.concat([rest, alone, rest]);
        expect(results(among, rest.length, rest.length + alone.length)).toStrictEqual(results(alone, 0, alone.length));
      },
    ),
    { numRuns: 1_000 },
  );
});

/** How many elements a JSON array has; `null` when the bytes are none. */
function elementCount(bytes: Uint8Array): number | null {
  try {
    const elements: unknown = JSON.parse(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
    return Array.isArray(elements) ? elements.length : null;
  } catch {
    return null;
  }
}
