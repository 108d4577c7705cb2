/** Unknown fields of an event are named alike by each way of decoding: learned layout, scanner, careful path, array, row. */
import { expect, test } from "vitest";
import { EventDecoder } from "./event-decoder.ts";
import { isRefusal } from "./refusal.ts";
import { FURTHER_FIELDS, UnknownFields } from "./unknown-fields.ts";
import { ONE_MACHINE, plantFrom } from "../../../../tests/support/plant.ts";

const plant = plantFrom(ONE_MACHINE);

const HEAD = { machine: "s/a/l/m", at: 1_772_427_600_000 };
const CASES: readonly (readonly [object, readonly string[]])[] = [
  [{ type: "state", ...HEAD, state: "running" }, []],
  [{ type: "state", ...HEAD, state: "down", reson: "jam" }, ["reson"]],
  [
    { type: "state", ...HEAD, state: "down", to: 1_772_427_700_000, product: "cola", good: 1 },
    ["to", "product", "good"],
  ],
  [{ type: "state", ...HEAD, state: "down", operator: null }, []],
  [{ type: "state", ...HEAD, state: "down", tags: ["a"], temperature: 71.5 }, ["tags", "temperature"]],
  [{ type: "count", ...HEAD, good: 1, product: "cola", order: "7", produced: 2 }, []],
  [{ type: "count", ...HEAD, good: 1, state: "running", speed: 4 }, ["state", "speed"]],
  [{ type: "count", ...HEAD, total: { good: 5, cavities: 4 } }, ["total.cavities"]],
  [{ type: "job", ...HEAD, product: "cola", idealCycleSeconds: 1.5, piecesPerCount: 4, batch: "x" }, ["batch"]],
  [{ type: "correction", ...HEAD, from: 1, to: 2, state: "down", by: "anna", why: "x" }, ["why"]],
];

test("each way of decoding an event names the same unknown fields", () => {
  for (const [event, expected] of CASES) {
    const valid = { ...event, ...("from" in event ? { from: HEAD.at - 2000, to: HEAD.at - 1000 } : {}) };
    const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
    const seen: (readonly string[])[] = [];
    const one = Buffer.from(JSON.stringify(valid));
    // So many lines that their layout is learned, and later lines are decoded by it.
    const lines = Buffer.from(`${JSON.stringify(valid)}\n`.repeat(40));
    for (let i = 0, start = 0; i < 40; i++, start += one.length + 1) {
      if (isRefusal(decoder.decode(lines, start, start + one.length, null))) throw new Error(one.toString());
      seen.push(decoder.unknownFields);
    }
    decoder.decodeCarefully(one, 0, one.length, null);
    seen.push(decoder.unknownFields);
    decoder.decodeValue(valid, null);
    seen.push(decoder.unknownFields);
    const plain = JSON.stringify({ type: "state", ...HEAD, state: "running" });
    const array = Buffer.from(`[${plain},${one.toString()},${plain}]`);
    const ofArray: (readonly string[])[] = [];
    decoder.decodeRecord(
      array,
      null,
      () => ofArray.push(decoder.unknownFields),
      () => undefined,
    );
    expect(ofArray).toEqual([[], expected, []]);
    expect(seen).toEqual(seen.map(() => expected));
  }
});

test("at most fifty names of unknown fields are counted one by one; further ones are counted together", () => {
  const fields = new UnknownFields();
  for (let i = 0; i < 1000; i++) fields.add("total", [`x${i}`.padEnd(200, "y")]);
  expect(fields.counts.size).toBe(51);
  expect(fields.counts.get(`count ${FURTHER_FIELDS}`)).toBe(950);
  expect(Math.max(...[...fields.counts.keys()].map((key) => key.length))).toBeLessThan(80);
});
