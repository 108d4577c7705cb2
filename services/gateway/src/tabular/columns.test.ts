import { kpiElement, Sums } from "@oee/answers";
import type { StopSegment } from "@oee/model";
import { expect, test } from "vitest";
import { JsonBytes } from "../json-bytes.ts";
import { ELEMENTS, LOSSES, MISSING, STOPS } from "./columns.ts";
import { FILLER, START } from "../../test/gateway-fixture.ts";

const SEGMENT: StopSegment = {
  ...{ machine: FILLER, stop: `${FILLER}@x`, from: START, to: START + 60_000, state: "down", reason: null },
  ...{ category: "unplannedStop", failure: true, minor: false, duration: 60_000, scheduledDuration: 30_000 },
  ...{ open: false, shift: "early", shiftDate: "2026-03-02", crew: null, product: null, correctedBy: null },
};

test("instants are texts in JSON and numbers in columns, which have the names of the JSON", () => {
  const json = STOPS.json(SEGMENT);
  expect([json.from, json.to]).toEqual(["2026-03-02T05:00:00.000Z", "2026-03-02T05:01:00.000Z"]);
  expect(STOPS.columns.map(({ name }) => name).toSorted()).toEqual(Object.keys(json).toSorted());
  expect(STOPS.columns.find(({ name }) => name === "from")?.of(SEGMENT)).toBe(START);
});

test("elements are written as their JSON value, also those of a product, shift and crew", () => {
  const sums = new Sums();
  const of = {
    scope: 'a/"b"',
    from: START,
    to: START + 60_000,
    product: null,
    shift: null,
    shiftDate: null,
    crew: null,
  };
  const write = ELEMENTS.writer?.();
  for (const answered of [
    of,
    { ...of, product: "Süßes" },
    { ...of, scope: "*", shift: "early", shiftDate: "2026-03-02", crew: "A" },
  ]) {
    const element = kpiElement(answered, sums, true);
    const out = new JsonBytes();
    write?.(out, element);
    expect(out.toString()).toBe(JSON.stringify(ELEMENTS.json(element)));
  }
});

test("a missing reason has the columns of a stop, its start and its owner", () => {
  const missing = { ...SEGMENT, since: START - 60_000, owner: "boss" };
  expect(MISSING.json(missing)).toMatchObject({ since: "2026-03-02T04:59:00.000Z", owner: "boss", duration: 60_000 });
  expect(MISSING.columns.slice(STOPS.columns.length).map((column) => column.of(missing))).toEqual([
    START - 60_000,
    "boss",
  ]);
});

test("losses of what is not rated are null in each column; no name stands twice", () => {
  const of = { scope: "*", from: START, to: START, product: null, shift: null, shiftDate: null, crew: null };
  const none = { ...of, losses: null, lossCosts: null, currency: null };
  expect(LOSSES.columns.find(({ name }) => name === "breakdowns")?.of(none)).toBeNull();
  for (const { columns } of [ELEMENTS, LOSSES, MISSING]) {
    expect(new Set(columns.map(({ name }) => name)).size).toBe(columns.length);
  }
});
