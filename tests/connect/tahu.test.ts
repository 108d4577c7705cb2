/** Payloads as Eclipse Tahu encodes them: the encoder that most edge nodes in Java have. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { type Part, valueOf } from "../../services/connectors/src/sparkplug/metric-value.ts";
import { decodePayload } from "../../services/connectors/src/sparkplug/payload.ts";
import { javaOf } from "./java-of.ts";

const WHOLE: Part = { column: null, row: 0, index: null };

test("every width and sign, arrays, data sets, nulls and historical values, plain and compressed", () => {
  const printed = execFileSync("java", javaOf("TahuEncode"), { encoding: "utf8" });
  const payloads = printed
    .trim()
    .split("\n")
    .map((line) => decodePayload(Buffer.from(line, "base64")));
  expect(payloads).toHaveLength(3);
  for (const { seq, metrics } of payloads) {
    expect(seq).toBe(7);
    const value = (name: string, part = WHOLE): unknown => {
      const found = metrics.find((metric) => metric.name === name);
      if (found?.value == null) return null;
      const read = valueOf(found.datatype, found.value, part);
      return "value" in read ? read.value : read.why;
    };
    const names = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float", "double"];
    expect(names.map((name) => value(name))).toEqual([-5, -300, -300, -5, 251, 65236, 4e9, 2 ** 52, 1.5, 0.1]);
    expect([value("boolean"), value("string"), value("null")]).toEqual([true, "Füller", null]);
    expect(value("array", { ...WHOLE, index: 1 })).toBe(-2);
    expect(value("table", { ...WHOLE, column: "count" })).toBe(-5);
    expect(metrics.find(({ name }) => name === "old")).toMatchObject({ isHistorical: true, timestamp: 1772427600000 });
  }
});
