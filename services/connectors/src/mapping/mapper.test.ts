import { formatInstant } from "@oee/model";
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
  return { machine: MACHINE, signal, value, quality, at: (at += 1000), stamped: "source", age: "live", ...more };
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

  test("is an event when it changes, and none when it is observed again", () => {
    const mapper = mapperOf(mapping);
    expect(eventsOf(mapper, seen("s", "ACTIVE"), seen("s", "ACTIVE"), seen("s", "STOPPED"))).toEqual([
      { type: "state", state: "ACTIVE" },
      { type: "state", state: "STOPPED" },
    ]);
  });

  test("has the reason of its code, and none for a code that the table lacks", () => {
    const mapper = mapperOf(mapping);
    expect(eventsOf(mapper, seen("e", 17), seen("s", "STOPPED"), seen("e", 4))).toEqual([
      { type: "state", state: "STOPPED", reason: "mechanical/jam" },
      { type: "state", state: "STOPPED" },
    ]);
  });

  test("is unknown with bad quality and when the peer is gone, never idle; afterwards it is an event again", () => {
    const mapper = mapperOf(mapping);
    expect(eventsOf(mapper, seen("s", "ACTIVE"), seen("s", null), seen("s", "ACTIVE"))).toEqual([
      { type: "state", state: "ACTIVE" },
      { type: "state", state: "unknown" },
      { type: "state", state: "ACTIVE" },
    ]);
    const gone = mapper.gone(null, at + 500);
    gone.commit();
    expect(gone.events.map(({ json }) => JSON.parse(json))).toMatchObject([{ type: "state", state: "unknown" }]);
    expect(mapper.gone(null, at + 600).events).toEqual([]);
    expect(eventsOf(mapper, seen("s", "ACTIVE"))).toEqual([{ type: "state", state: "ACTIVE" }]);
  });
});

test("the first condition that holds decides the state; there is no event before the signals that decide are known", () => {
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

test("totals and deltas become counts, also from texts of numbers; one without a time stamp is ignored", () => {
  const mapper = mapperOf("{ signals: { g: g, p: p }, totals: { good: g }, deltas: { scrap: p } }");
  expect(eventsOf(mapper, seen("g", "10231"), seen("p", 2), seen("g", 10232, { age: "undated" }))).toEqual([
    { type: "count", total: { good: 10231 } },
    { type: "count", scrap: 2 },
  ]);
  const { unusable } = mapper.map([seen("g", "many")]);
  expect(unusable).toEqual([{ what: `${MACHINE} g`, why: 'expected a number, found "many"' }]);
});

test("a running total below 0 is refused by itself, with what to write, and what comes with it counts", () => {
  const mapper = mapperOf("{ signals: { g: g, s: s }, totals: { good: g, scrap: s } }");
  const { events, unusable } = mapper.map([seen("g", -32_768), seen("s", 3, { at })]);
  expect(events.map(({ json }) => JSON.parse(json) as object)).toMatchObject([{ type: "count", total: { scrap: 3 } }]);
  expect(unusable).toMatchObject([
    { what: `${MACHINE} g`, why: expect.stringContaining("found -32768: read a counter without a sign") },
  ]);
});

test("a pulse counts one piece when its signal goes on, and not again while it is on, repeated, or known again after a silence", () => {
  const mapper = mapperOf("{ signals: { eye: e }, pulses: { good: eye } }");
  const counts = (...values: readonly Observation["value"][]): number =>
    eventsOf(mapper, ...values.map((value) => seen("eye", value))).length;
  expect(counts(true)).toBe(0);
  expect(counts(true, false, false, true, true, 0, 1, "false", "on")).toBe(3);
  expect(counts(null, true)).toBe(0);
  mapper.gone(null, at).commit();
  expect(counts(true)).toBe(0);
  expect(eventsOf(mapper, seen("eye", false), seen("eye", true, { age: "undated" }))).toEqual([]);
  expect(eventsOf(mapper, seen("eye", false), seen("eye", true))).toEqual([{ type: "count", good: 1 }]);
});

test("after a restart a pulse is known by the value from before", () => {
  const mapping = "{ signals: { eye: e }, pulses: { good: eye } }";
  const first = mapperOf(mapping).map([seen("eye", false)]);
  const again = mapperOf(mapping);
  again.restore(MACHINE, first.kept.get(MACHINE) ?? "");
  expect(eventsOf(again, seen("eye", true))).toEqual([{ type: "count", good: 1 }]);
});

test("a job event is made when product or order changes", () => {
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

test("without a commit the same observation makes its event again", () => {
  const mapper = mapperOf("{ signals: { s: s }, state: s }");
  const one = seen("s", "ACTIVE");
  expect(mapper.map([one]).events).toHaveLength(1);
  expect(mapper.map([one]).events).toHaveLength(1);
});

test("a state that is the same after the peer was gone begins where it became unknown, not at its old instant", () => {
  const mapper = mapperOf("{ signals: { s: s }, state: s }");
  const before = seen("s", "ACTIVE");
  const eventsWithInstants = (...observations: readonly Observation[]): readonly object[] => {
    const mapped = mapper.map(observations);
    mapped.commit();
    return mapped.events.map(({ json }) => JSON.parse(json) as object);
  };
  eventsWithInstants(before);
  mapper.gone(null, before.at + 5000).commit();
  expect(eventsWithInstants(before)).toMatchObject([{ state: "ACTIVE", at: formatInstant(before.at + 5001) }]);
  mapper.gone(null, before.at + 9000).commit();
  // Another state that began before the peer was gone is an event at its own instant, and again where the peer's absence ends.
  expect(eventsWithInstants({ ...before, value: "STOPPED", at: before.at + 8000 })).toMatchObject([
    { state: "STOPPED", at: formatInstant(before.at + 8000) },
    { state: "STOPPED", at: formatInstant(before.at + 9001) },
  ]);
  // A second one, the same as the state at first, is a change too.
  expect(eventsWithInstants({ ...before, value: "ACTIVE", at: before.at + 8500 })).toMatchObject([
    { state: "ACTIVE", at: formatInstant(before.at + 8500) },
    { state: "ACTIVE", at: formatInstant(before.at + 9001) },
  ]);
});

test("a machine is unknown after its newest value, though the peer was noted as heard before that, or its clock is ahead; minutes ahead it is wrong", () => {
  const mapping = "{ signals: { s: s }, state: s }";
  const before = seen("s", "ACTIVE");
  const unknownAt = (heardAt: number): unknown => {
    const mapper = mapperOf(mapping);
    mapper.map([before]).commit();
    return mapper.gone(null, heardAt).events.map(({ json }) => (JSON.parse(json) as { readonly at: string }).at);
  };
  expect(unknownAt(before.at - 4_000)).toEqual([formatInstant(before.at + 1)]);
  expect(unknownAt(before.at + 4_000)).toEqual([formatInstant(before.at + 4_000)]);
  expect(unknownAt(before.at - 400_000)).toEqual([formatInstant(before.at - 400_000)]);
});

test("after a restart the last events are known, and not made again", () => {
  const mapping = "{ signals: { s: s, p: p }, state: s, product: p }";
  const first = mapperOf(mapping).map([seen("s", "ACTIVE"), seen("p", "cola")]);
  const again = mapperOf(mapping);
  again.restore(MACHINE, first.kept.get(MACHINE) ?? "");
  expect(eventsOf(again, seen("s", "ACTIVE"), seen("p", "cola"))).toEqual([]);
  const other = mapperOf(mapping);
  other.restore(MACHINE, first.kept.get(MACHINE) ?? "");
  expect(other.gone(null, at).events).toHaveLength(1);
});

test("observations of the past make events, and do not change the present state", () => {
  const mapper = mapperOf("{ signals: { s: s, g: g }, state: s, totals: { good: g } }");
  const past = { age: "past" } as const;
  expect(
    eventsOf(mapper, seen("s", "ACTIVE"), seen("s", "STOPPED", past), seen("g", 7, past), seen("s", "ACTIVE")),
  ).toEqual([
    { type: "state", state: "ACTIVE" },
    { type: "state", state: "STOPPED" },
    { type: "count", total: { good: 7 } },
  ]);
});

test("a state of several signals begins at the youngest of them", () => {
  const mapper = mapperOf(
    "{ signals: { fault: f, run: r }, state: [{ when: fault, state: down }, { when: run, state: running }] }",
  );
  const fault = seen("fault", false);
  const run = seen("run", true, { at: fault.at - 5000 });
  const [event] = mapper.map([fault, run]).events;
  expect(JSON.parse(event?.json ?? "")).toMatchObject({ state: "running", at: formatInstant(fault.at) });
});

test("PackML in OPC UA: the state is that of the innermost state machine at work, not of an outer one that only says so", () => {
  const mapper = mapperOf("{ signals: { base: b, cleared: c, run: r }, state: { packml: [base, cleared, run] } }");
  expect(eventsOf(mapper, seen("run", "Execute"), seen("cleared", "Running"))).toEqual([]);
  expect(eventsOf(mapper, seen("base", "Cleared"))).toEqual([{ type: "state", state: "Execute" }]);
  expect(eventsOf(mapper, seen("run", "Held"))).toEqual([{ type: "state", state: "Held" }]);
  // The inner state machines keep their values meanwhile.
  expect(eventsOf(mapper, seen("base", "Aborted"))).toEqual([{ type: "state", state: "Aborted" }]);
  expect(eventsOf(mapper, seen("cleared", 18), seen("base", 19))).toEqual([{ type: "state", state: "Held" }]);
  expect(eventsOf(mapper, seen("run", null))).toEqual([{ type: "state", state: "unknown" }]);
});

test("Weihenstephan in OPC UA: where a machine is held or suspended its state is the cause; inner state machines not at work are ignored", () => {
  const mapper = mapperOf(
    "{ signals: { base: b, run: r, held: h, why: s }, state: { packml: [base, run], held: held, suspended: why } }",
  );
  expect(eventsOf(mapper, seen("base", "Running"), seen("held", null), seen("why", null), seen("run", 6))).toEqual([
    { type: "state", state: "6" },
  ]);
  const at0 = (at += 1000);
  const together = { at: at0 };
  expect(eventsOf(mapper, seen("run", "Suspended", together), seen("why", "Tailback", together))).toEqual([
    { type: "state", state: "Tailback" },
  ]);
  expect(eventsOf(mapper, seen("why", "Lack"))).toEqual([{ type: "state", state: "Lack" }]);
  expect(eventsOf(mapper, seen("run", 11))).toEqual([{ type: "state", state: "11" }]);
  expect(eventsOf(mapper, seen("held", "EquipmentFailure"))).toEqual([{ type: "state", state: "EquipmentFailure" }]);
});

test("observations of one instant make one event together: an order with its product, a code with its state", () => {
  const mapper = mapperOf(
    "{ signals: { s: s, c: c, p: p, o: o, g: g, x: x }, state: s, reason: { of: c, codes: { '3': jam, '4': belt } }, product: p, order: o, totals: { good: g, scrap: x } }",
  );
  const shift = (values: Readonly<Record<string, string | number>>): readonly object[] => {
    const moment = (at += 1000);
    return eventsOf(mapper, ...Object.entries(values).map(([signal, value]) => seen(signal, value, { at: moment })));
  };
  expect(shift({ p: "cola", o: 1, s: "STOPPED", c: 3, g: 7, x: 1 })).toEqual([
    { type: "job", product: "cola", order: "1" },
    { type: "count", total: { good: 7, scrap: 1 } },
    { type: "state", state: "STOPPED", reason: "jam" },
  ]);
  expect(shift({ p: "water", o: 2, c: 4, s: "STOPPED" })).toEqual([
    { type: "job", product: "water", order: "2" },
    { type: "state", state: "STOPPED", reason: "belt" },
  ]);
});

test("CN-7: a total has produced and good together, the newest value of each", () => {
  const mapper = mapperOf("{ signals: { g: g, p: p }, totals: { good: g, produced: p } }");
  expect(eventsOf(mapper, seen("p", 10))).toEqual([]);
  expect(eventsOf(mapper, seen("g", 9))).toEqual([{ type: "count", total: { good: 9, produced: 10 } }]);
  expect(eventsOf(mapper, seen("p", 11))).toEqual([{ type: "count", total: { good: 9, produced: 11 } }]);
});

test("two equal observations of one signal and instant make two events, with ids of their own where they have keys", () => {
  const mapper = mapperOf("{ signals: { g: g }, deltas: { good: g } }");
  const one = seen("g", 1, { key: "1" });
  const ids = mapper.map([one, { ...one, key: "2" }]).events.map(({ json }) => (JSON.parse(json) as { id: string }).id);
  expect(new Set(ids).size).toBe(2);
  expect(mapper.map([one, one]).events).toHaveLength(2);
});

test("quantities that arrive within a ms are pieces of their own, though they say the same; those with an instant of the peer's are one", () => {
  const mapper = mapperOf("{ signals: { g: g, p: p }, deltas: { good: g }, pulses: { scrap: p } }");
  const idsOf = (observations: readonly Observation[]): readonly (string | undefined)[] => {
    const mapped = mapper.map(observations);
    mapped.commit();
    return mapped.events.map(({ id }) => id);
  };
  const arrived = { stamped: "arrival", at: (at += 1000) } as const;
  const [one, off, on] = [seen("g", 1, arrived), seen("p", 0, arrived), seen("p", 1, arrived)];
  const ids = [...idsOf([one, off, one, on, one]), ...idsOf([one, off, on, off, on])];
  expect(ids).toHaveLength(7);
  expect(new Set(ids).size).toBe(7);
  const stamped = seen("g", 1);
  expect(new Set(idsOf([stamped, stamped])).size).toBe(1);
});

test("after a restart one new signal gives a state, together with kept values of the others", () => {
  const mapping =
    "{ signals: { fault: f, run: r }, state: [{ when: fault, state: down }, { when: run, state: running }] }";
  const first = mapperOf(mapping).map([seen("fault", true), seen("run", true)]);
  const again = mapperOf(mapping);
  again.restore(MACHINE, first.kept.get(MACHINE) ?? "");
  expect(eventsOf(again, seen("fault", false))).toEqual([{ type: "state", state: "running" }]);
});

test("when a peer that buffers is back, the state from before goes on, unless a newer value came", () => {
  const mapper = mapperOf("{ signals: { s: s }, state: s }");
  const before = seen("s", "ACTIVE");
  mapper.map([before]).commit();
  mapper.gone(null, before.at + 1000).commit();
  const back = mapper.back();
  back.commit();
  expect(back.events.map(({ json }) => JSON.parse(json) as object)).toMatchObject([
    { state: "ACTIVE", at: formatInstant(before.at + 1001) },
  ]);
  expect(mapper.back().events).toEqual([]);
  mapper.gone(null, before.at + 2000).commit();
  expect(eventsOf(mapper, seen("s", "STOPPED", { at: before.at + 3000 }))).toEqual([
    { type: "state", state: "STOPPED" },
  ]);
  expect(mapper.back().events).toEqual([]);
});

test("what is kept of a machine changes with its state and job, and with counts where two make one event", () => {
  const mapper = mapperOf("{ signals: { s: s, p: p, g: g }, state: s, product: p, totals: { good: g } }");
  const keptOf = (...observations: readonly Observation[]): string | undefined => {
    const mapped = mapper.map(observations);
    mapped.commit();
    return mapped.kept.get(MACHINE);
  };
  expect(keptOf(seen("s", "ACTIVE"))).toContain("ACTIVE");
  expect(keptOf(seen("g", 1), seen("g", 2))).toBeUndefined();
  expect(keptOf(seen("g", 3), seen("p", "cola"))).toContain("cola");
  expect(keptOf(seen("s", "STOPPED", { age: "past" }))).toBeUndefined();
  const both = mapperOf("{ signals: { g: g, all: all }, totals: { good: g, produced: all } }");
  const first = both.map([seen("g", 7)]);
  const again = mapperOf("{ signals: { g: g, all: all }, totals: { good: g, produced: all } }");
  again.restore(MACHINE, first.kept.get(MACHINE) ?? "");
  expect(eventsOf(again, seen("all", 9))).toEqual([{ type: "count", total: { good: 7, produced: 9 } }]);
});

test("a truth is alike to 1 and 0, and to True, in a condition: it does not fail to hold in silence", () => {
  const mapper = mapperOf(
    "{ signals: { c: c }, state: [{ when: c, is: [1], state: running }, { when: c, is: [false], state: idle }, { state: down }] }",
  );
  const states = [true, 0, "True", "FALSE", 1, false, 2].flatMap((value) => eventsOf(mapper, seen("c", value)));
  expect(states.map((event) => Object.values(event)[1])).toEqual([
    ...["running", "idle", "running", "idle", "running", "idle", "down"],
  ]);
});
