import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { expect, test } from "vitest";
import { compressPayload, type EncodedMetric, encodePayload } from "../../test/sparkplug-encoder.ts";
import { Edge } from "./edge.ts";
import { type Found, type Part, valueOf } from "./metric-value.ts";
import { decodePayload } from "./payload.ts";

const INT8 = 1;
const INT16 = 2;
const INT32 = 3;
const INT64 = 4;
const UINT8 = 5;
const UINT32 = 7;
const UINT64 = 8;
const DATA_SET = 16;
const INT16_ARRAY = 23;
const BOOLEAN_ARRAY = 32;
const STRING_ARRAY = 33;

const WHOLE: Part = { column: null, row: 0, index: null };

/** The value of a metric, by its own type or the one of its birth (`bornAs`). */
function read(metric: EncodedMetric, part: Part = WHOLE, bornAs = 0): Found {
  const [found] = decodePayload(encodePayload({ metrics: [metric] })).metrics;
  if (found?.value == null) throw new Error("no value");
  return valueOf(found.datatype || bornAs, found.value, part);
}

test.each<[string, EncodedMetric, number, Found]>([
  ["a type that only the birth tells", { int: 42 }, INT32, { value: 42 }],
  ["UInt32 in int_value", { datatype: UINT32, int: 42 }, 0, { value: 42 }],
  ["UInt32 in long_value", { datatype: UINT32, long: 42 }, 0, { value: 42 }],
  ["a narrow negative number in its own width", { datatype: INT8, int: 251 }, 0, { value: -5 }],
  ["the same in 32 bits", { datatype: INT8, int: 0xfffffffb }, 0, { value: -5 }],
  ["the same in 64 bits", { datatype: INT8, long: 0xfffffffffffffffbn }, 0, { value: -5 }],
  ["Int16", { datatype: INT16, int: 65236 }, 0, { value: -300 }],
  ["Int32", { datatype: INT32, int: 0xfffffed4 }, 0, { value: -300 }],
  ["Int64", { datatype: INT64, long: 0xfffffffffffffffbn }, 0, { value: -5 }],
  ["UInt8", { datatype: UINT8, int: 251 }, 0, { value: 251 }],
  ["UInt64 beyond 2^53", { datatype: UINT64, long: 2n ** 53n }, 0, { why: "the number 9007199254740992, beyond 2^53" }],
  ["a number without a type", { int: 42 }, 0, { value: 42 }],
  [
    "a number without a type that may be negative",
    { int: 0xfffffffb },
    0,
    { why: "a number without a type, which no birth told either" },
  ],
  ["a truth as a number", { datatype: 11, int: 1 }, 0, { value: true }],
])("%s", (_, metric, bornAs, found) => expect(read(metric, WHOLE, bornAs)).toEqual(found));

test("a time stamp of 0, which devices without a clock send, counts as none", () => {
  const { timestamp, metrics } = decodePayload(
    encodePayload({
      timestamp: 0,
      metrics: [
        { int: 1, timestamp: 0 },
        { int: 1, timestamp: 1_772_431_200_000 },
      ],
    }),
  );
  expect([timestamp, ...metrics.map((metric) => metric.timestamp)]).toEqual([null, null, 1_772_431_200_000]);
});

test("cells of a data set and elements of arrays are read, negative numbers too", () => {
  const dataset = {
    columns: ["id", "count"],
    types: [INT32, INT32],
    rows: [
      [1, 7],
      [2, 0xfffffffb],
    ],
  };
  const cell = (column: string | null, row: number): Found =>
    read({ datatype: DATA_SET, dataset }, { ...WHOLE, column, row });
  expect(cell("count", 0)).toEqual({ value: 7 });
  expect(cell("count", 1)).toEqual({ value: -5 });
  expect(cell("count", 2)).toEqual({ why: "no cell count in row 2" });
  expect(cell(null, 0)).toEqual({ why: "a data set, of which no column is named" });
  const element = (datatype: number, bytes: Buffer, index: number): Found =>
    read({ datatype, bytes }, { ...WHOLE, index });
  expect(element(INT16_ARRAY, Buffer.from([1, 0, 0xfb, 0xff]), 1)).toEqual({ value: -5 });
  expect(element(INT16_ARRAY, Buffer.from([1, 0]), 1)).toEqual({ why: "no element 1" });
  expect(element(BOOLEAN_ARRAY, Buffer.from([3, 0, 0, 0, 0b0100_0000]), 1)).toEqual({ value: true });
  expect(element(STRING_ARRAY, Buffer.from("a\0b\0"), 1)).toEqual({ value: "b" });
});

test.each(["GZIP", "DEFLATE", null] as const)("a payload compressed by %s is unpacked", (algorithm) => {
  const payload = { timestamp: 5, seq: 7, metrics: [{ name: "good", datatype: INT32, int: 3 }] };
  expect(decodePayload(compressPayload(payload, algorithm))).toMatchObject({
    timestamp: 5,
    seq: 7,
    metrics: [{ name: "good", value: { bits: 3 } }],
  });
});

test("a payload that would become too large is not unpacked", () => {
  const metrics = [{ name: "text", datatype: 12, string: "x".repeat(17 * 1024 * 1024) }];
  expect(() => decodePayload(compressPayload({ metrics }, null))).toThrow(/larger than/);
});

test("a broken metric does not keep the others from being read", () => {
  const writer = new BinaryWriter();
  writer.tag(2, WireType.LengthDelimited).bytes(Uint8Array.of(0x0a, 0x7f, 0x61));
  const bytes = Buffer.concat([
    writer.finish(),
    encodePayload({ metrics: [{ name: "good", datatype: INT32, int: 3 }] }),
  ]);
  const { metrics, broken } = decodePayload(bytes);
  expect(metrics).toMatchObject([{ name: "good" }]);
  expect(broken).toHaveLength(1);
});

const payloadOf = (...args: Parameters<typeof encodePayload>): ReturnType<typeof decodePayload> =>
  decodePayload(encodePayload(...args));
const birth = (bdSeq: number, seq = 0): ReturnType<typeof decodePayload> =>
  payloadOf({
    seq,
    metrics: [
      { name: "bdSeq", datatype: INT64, long: bdSeq },
      { name: "good", alias: 5, datatype: INT32, int: 1 },
    ],
  });
const death = (bdSeq: number): ReturnType<typeof decodePayload> =>
  payloadOf({ metrics: [{ name: "bdSeq", datatype: INT64, long: bdSeq }] });

test("aliases stand for names of the last birth; one that the birth lacks asks for another birth", () => {
  const edge = new Edge();
  expect(edge.take("NDATA", "", payloadOf({ seq: 9, metrics: [{ alias: 5, int: 2 }] }))).toMatchObject({
    metrics: [],
    unknown: 1,
    wants: "NDATA before a birth",
    gap: null,
  });
  edge.take("NBIRTH", "", birth(0));
  const data = edge.take("NDATA", "", payloadOf({ seq: 1, metrics: [{ alias: 5, int: 2 }] }));
  expect(data).toMatchObject({ metrics: [{ name: "good", datatype: INT32 }], wants: null, gap: null });
  expect(edge.take("NDATA", "", payloadOf({ seq: 2, metrics: [{ alias: 6, int: 2 }] }))).toMatchObject({
    unknown: 1,
    wants: "an alias that no birth told",
  });
  // Aliases are unique in a node, but the alias of a device's metric is not known for the node itself.
  edge.take(
    "DBIRTH",
    "filler",
    payloadOf({ seq: 3, metrics: [{ name: "state", alias: 7, datatype: 12, string: "x" }] }),
  );
  expect(edge.take("NDATA", "", payloadOf({ seq: 4, metrics: [{ alias: 7, string: "y" }] })).unknown).toBe(1);
});

test("after a gap in the sequence numbers values are used, and another birth is asked for; 255 is followed by 0", () => {
  const edge = new Edge();
  edge.take("NBIRTH", "", birth(0));
  const after = edge.take("NDATA", "", payloadOf({ seq: 3, metrics: [{ alias: 5, int: 2 }] }));
  expect(after).toMatchObject({ gap: "sequence number 3 came, and 1 was next", wants: "a gap in the sequence" });
  expect(after.metrics).toHaveLength(1);
  edge.take("NBIRTH", "", birth(0, 255));
  expect(edge.take("NDATA", "", payloadOf({ seq: 0 }))).toMatchObject({ gap: null, wants: null });
});

test("the death of an earlier connection (bdSeq) is ignored; that of a node whose bdSeq never changes counts", () => {
  const edge = new Edge();
  edge.take("NBIRTH", "", birth(4));
  edge.take("NBIRTH", "", birth(5));
  expect(edge.take("NDEATH", "", death(4)).died).toBeNull();
  expect(edge.isAlive).toBe(true);
  expect(edge.take("NDEATH", "", death(5)).died).toBe("");
  edge.take("NBIRTH", "", birth(0));
  edge.take("NBIRTH", "", birth(0));
  expect(edge.take("NDEATH", "", death(0)).died).toBe("");
  edge.take("NBIRTH", "", birth(0));
  expect(edge.take("NDEATH", "", death(1)).died).toBe("");
});

test("a death whose bdSeq no birth had is the present connection's: some encoders count on between will and birth", () => {
  const edge = new Edge();
  edge.take("NBIRTH", "", birth(2));
  expect(edge.take("NDEATH", "", death(0)).died).toBe("");
  edge.take("NBIRTH", "", birth(255));
  edge.take("NBIRTH", "", birth(0));
  expect(edge.take("NDEATH", "", death(255)).died).toBeNull();
  // Numbers come again after 256 connections.
  for (let connection = 1; connection <= 255; connection++) edge.take("NBIRTH", "", birth(connection));
  expect(edge.take("NDEATH", "", death(0)).died).toBe("");
});
