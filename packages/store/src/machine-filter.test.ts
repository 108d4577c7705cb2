import { expect, test } from "vitest";
import { machineFilter } from "./machine-filter.ts";

test("filters select all machines, those below a scope, or none", () => {
  expect(machineFilter({ under: "*" })).toEqual({ sql: "1", parameters: {} });
  // With the slash s/a10 is not below s/a1.
  expect(machineFilter({ under: "s/a1" }).parameters).toEqual({ under: "s/a1", below: "s/a1/" });
  expect(machineFilter([])).toEqual({ sql: "0", parameters: {} });
});

test("a long list is cut into parameters of at most 48 KiB each, and nothing is lost", () => {
  // 2,000 ids of 97 bytes, and 3 for quotes and comma: 200,000 bytes, so five lists of at most 49,152.
  const ids = Array.from({ length: 2_000 }, (_, i) => `m${String(i).padStart(96, "0")}`);
  const { sql, parameters } = machineFilter(ids);
  const lists = Object.values(parameters) as string[][];
  expect(lists.flat()).toEqual(ids);
  expect(lists).toHaveLength(Math.ceil(2_000 / Math.floor(49_152 / 100)));
  expect(sql.match(/machine IN/g)).toHaveLength(lists.length);
});
