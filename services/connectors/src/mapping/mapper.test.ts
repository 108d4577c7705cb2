import { describe, expect, test } from "vitest";
import { parseConnections } from "../connections-file.ts";
import type { Observation } from "../port.ts";
import { Mapper } from "./mapper.ts";

const MACHINE = "s/a/l/m";

function mapperOf(mapping: string): Mapper {
  const text = `connections: { c: { protocol: shdr, host: h, machines: { ${MACHINE}: ${mapping} } } }`;
  const result = parseConnections(text, "connections.yaml", null, {});
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join("\n"));
  return new Mapper(result.connections.flatMap(({ mappings }) => mappings));
}

let at = Date.UTC(2026, 2, 2);

function seen(signal: string, value: Observation["value"], more: Partial<Observation> = {}): Observation {
  const quality = value === null ? "bad" : "good";
  return { machine: MACHINE, signal, value, quality, at: (at += 1000), stamped: "source", undated: false, ...more };
}

function eventsOf(mapper: Mapper, ...observations: readonly Observation[]): readonly object[] {
  const mapped = mapper.map(observations);
  mapped.commit();
  return mapped.events.map(({ json }) => {
    const { id: _id, at: _at, machine: _machine, ...event } = JSON.parse(json) as Record<string, unknown>;
    return event;
  });
}

describe("a state of one signal", () => {
  const mapping = "{ signals: { s: s, e: e }, state: s, reason: { of: e, codes: { '17': mechanical/jam } } }";

  test("is told when it changes, and not again", () => {
    const mapper = mapperOf(mapping);
    expect(eventsOf(mapper, seen("s", "ACTIVE"), seen("s", "ACTIVE"), seen("s", "STOPPED"))).toEqual([
      { type: "state", state: "ACTIVE" },
      { type: "state", state: "STOPPED" },
    ]);
  });

  test("takes a reason by its code, one that is not in the table none", () => {
    const mapper = mapperOf(mapping);
    expect(eventsOf(mapper, seen("e", 17), seen("s", "STOPPED"), seen("e", 4))).toEqual([
      { type: "state", state: "STOPPED", reason: "mechanical/jam" },
      { type: "state", state: "STOPPED" },
    ]);
  });

  test("is unknown with bad quality and when the peer is gone, never idle; and is news afterwards", () => {
    const mapper = mapperOf(mapping);
    expect(eventsOf(mapper, seen("s", "ACTIVE"), seen("s", null), seen("s", "ACTIVE"))).toEqual([
      { type: "state", state: "ACTIVE" },
      { type: "state", state: "unknown" },
      { type: "state", state: "ACTIVE" },
    ]);
    const gone = mapper.gone(at + 500);
    gone.commit();
    expect(gone.events.map(({ json }) => JSON.parse(json))).toMatchObject([{ type: "state", state: "unknown" }]);
    expect(mapper.gone(at + 600).events).toEqual([]);
    expect(eventsOf(mapper, seen("s", "ACTIVE"))).toEqual([{ type: "state", state: "ACTIVE" }]);
  });
});

test("conditions hold in their order, and nothing is said before what decides is known", () => {
  const mapper = mapperOf(
    "{ signals: { fault: f, run: r, code: c }, state: [{ when: fault, state: down, reason: { of: code, codes: { '3': jam } } }, { when: run, is: [2, 3], state: running }, { state: idle }] }",
  );
  expect(eventsOf(mapper, seen("run", 2))).toEqual([]);
  expect(eventsOf(mapper, seen("fault", false))).toEqual([{ type: "state", state: "running" }]);
  expect(eventsOf(mapper, seen("run", 1))).toEqual([{ type: "state", state: "idle" }]);
  expect(eventsOf(mapper, seen("code", 3), seen("fault", true))).toEqual([
    { type: "state", state: "down", reason: "jam" },
  ]);
  expect(eventsOf(mapper, seen("fault", null))).toEqual([{ type: "state", state: "unknown" }]);
});

test("totals and deltas count, texts of numbers too; an undated one counts nothing", () => {
  const mapper = mapperOf("{ signals: { g: g, p: p }, totals: { good: g }, deltas: { scrap: p } }");
  expect(eventsOf(mapper, seen("g", "10231"), seen("p", 2), seen("g", 10232, { undated: true }))).toEqual([
    { type: "count", total: { good: 10231 } },
    { type: "count", scrap: 2 },
  ]);
  const { unusable } = mapper.map([seen("g", "many")]);
  expect(unusable).toEqual([{ what: `${MACHINE} g`, why: 'expected a number, found "many"' }]);
});

test("a job is told when its product or its order changes", () => {
  const mapper = mapperOf("{ signals: { p: p, o: o }, product: p, order: o }");
  expect(eventsOf(mapper, seen("o", 1), seen("p", "cola"), seen("p", "cola"), seen("o", 2))).toEqual([
    { type: "job", product: "cola", order: "1" },
    { type: "job", product: "cola", order: "2" },
  ]);
});

test("CN-4: the same observation makes an event with the same id", () => {
  const one = seen("s", "ACTIVE");
  const ids = [1, 2].map(() => mapperOf("{ signals: { s: s }, state: s }").map([one]).events[0]?.json);
  expect(ids[0]).toBe(ids[1]);
});

test("events that could not be kept are made again from the same observation", () => {
  const mapper = mapperOf("{ signals: { s: s }, state: s }");
  const one = seen("s", "ACTIVE");
  expect(mapper.map([one]).events).toHaveLength(1);
  expect(mapper.map([one]).events).toHaveLength(1);
});
