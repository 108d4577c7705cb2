import { expect, test } from "vitest";
import { machineInstants } from "./machine-instants.ts";

test("a machine is named once, and each pair by its place in the list, from 1", () => {
  const { parameters } = machineInstants([
    { machine: "a", at: 10 },
    { machine: "b", at: 20 },
    { machine: "a", at: 30 },
  ]);
  expect(parameters).toEqual({ named0: ["a", "b"], places0: [1, 2, 1], instants0: [10, 20, 30] });
});

test("more than 5,000 pairs are as many lists as it takes", () => {
  const { sql, parameters } = machineInstants(Array.from({ length: 5_001 }, (_, at) => ({ machine: "a", at })));
  expect(parameters["instants1"]).toEqual([5_000]);
  expect(sql.match(/arrayZip/g)).toHaveLength(2);
});
