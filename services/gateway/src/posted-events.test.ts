import { EventDecoder } from "@oee/model";
import { expect, test } from "vitest";
import { eventAt, FILLER, PLANT, PRESS, START } from "../test/gateway-fixture.ts";
import { PostedEvents } from "./posted-events.ts";

const LIMITS = { eventsMax: 5, refusalsListedMax: 1 };
const decoder = new EventDecoder(PLANT.plant, { maxFutureMs: 0 });
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const count = (machine: string, good: number): object => eventAt(machine, good, { type: "count", good });
const NOW = START + 3_600_000;

test("events become a record a machine, with the bytes that came, in their order", async () => {
  const posted = new PostedEvents(LIMITS);
  // White space within an event is kept; that between events is not.
  const first = JSON.stringify(count(FILLER, 1)).replace(":", " : ");
  const body = `[ ${first},\n${JSON.stringify(count(PRESS, 2))}, ${JSON.stringify(count(FILLER, 3))} ]`;
  await posted.takeJson(decoder, Buffer.from(body), NOW);
  const records = await posted.records({ "max-past": "1d" });
  expect(records.map(({ key, value, headers }) => [key, value?.toString(), headers])).toEqual([
    [FILLER, `[${first},${JSON.stringify(count(FILLER, 3))}]`, { "max-past": "1d" }],
    [PRESS, JSON.stringify(count(PRESS, 2)), { "max-past": "1d" }],
  ]);
});

test("a line that spans pieces of the body is kept though the pieces' buffer is used again", async () => {
  const lines = [count(FILLER, 1), count(FILLER, 2), count(PRESS, 3)].map((event) => JSON.stringify(event));
  const whole = Buffer.from(lines.join("\n"));
  for (const cut of [10, 100, 150]) {
    const posted = new PostedEvents(LIMITS);
    await posted.takeLines(decoder, [whole.subarray(0, cut), whole.subarray(cut)], NOW);
    const values = (await posted.records()).map(({ value }) => value?.toString());
    expect(values).toEqual([`[${lines[0]},${lines[1]}]`, lines[2]]);
  }
});

test("DI-2: refused events are counted by code beyond those that are listed, and count as events of the body", async () => {
  const posted = new PostedEvents(LIMITS);
  const unknown = count("berlin/nowhere", 1);
  await posted.takeJson(decoder, bytes([unknown, count(FILLER, 1), unknown, { type: "count" }, count(FILLER, 2)]), NOW);
  expect([posted.accepted, posted.refused, posted.refusals.map(({ index }) => index)]).toEqual([2, 3, [0]]);
  expect([...posted.refusedByCode]).toEqual([
    ["unknown-machine", 2],
    ["invalid", 1],
  ]);
  await expect(posted.takeJson(decoder, bytes(unknown), NOW)).rejects.toThrow("expected at most 5 events in one body");
});

test("corrections are told with their machines where they may come, and are refused where people sign in", async () => {
  const correction = eventAt(FILLER, 30, { type: "correction", from: START, to: START + 60_000, reason: "mechanical" });
  const open = new PostedEvents(LIMITS);
  await open.takeJson(decoder, bytes([correction, correction]), NOW);
  expect([open.corrections, [...open.correctedMachines]]).toEqual([2, [FILLER]]);
  const signedIn = new PostedEvents(LIMITS, undefined, null);
  await signedIn.takeJson(decoder, bytes([correction]), NOW);
  expect([signedIn.accepted, signedIn.refusals[0]?.detail]).toEqual([
    0,
    expect.stringContaining("a person who is signed in makes corrections by POST /corrections"),
  ]);
});
