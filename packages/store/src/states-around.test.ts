/** State events next to instants of machines equal those that a list of all events gives, by both ways to ClickHouse. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { event, MINUTE, START } from "../test/rows.ts";
import { type OpenWay, openWay } from "../test/ways.ts";
import type { EventRecord } from "./index.ts";

const [A, B, NEVER] = ["around/a/l/a", "around/a/l/b", "around/a/l/never"];
const WITHIN = { from: START, to: START + 10_000 * MINUTE };
/** More instants than fit into one list of a question. */
const INSTANTS = 6_000;

/** Every seven minutes of one machine, every eleven of another, at times two of one instant; one is no state event, one a repeat. */
function events(): readonly EventRecord[] {
  let offset = 0;
  const made: EventRecord[] = [];
  for (let minute = 7; minute < 9_000; minute += 7) {
    made.push(event(A, minute, offset++));
    if (minute % 5 === 0) made.push(event(A, minute, offset++));
  }
  for (let minute = 11; minute < 9_000; minute += 11) made.push(event(B, minute, offset++));
  made.push(event(A, 3, offset++, { type: "count" }), event(A, 4, offset++, { repeat: true }));
  return made;
}

describe.each(["embedded", "server"] as const)("%s", (way) => {
  let open: OpenWay;
  const all = events();
  beforeAll(async () => {
    open = await openWay(way);
    await open.store.insertEvents(all);
  });
  afterAll(() => open.close());

  test("RS-2: one instant before the last event at or before an instant, that event, and two instants after it", async () => {
    const around = Array.from({ length: INSTANTS }, (_, i) => ({
      machine: [A, B, NEVER][i % 3] ?? A,
      at: START + i * MINUTE,
    }));
    const found = new Map(
      (await open.store.statesAround({ around, within: WITHIN })).map((one) => [`${one.machine} ${one.at}`, one]),
    );
    for (const { machine, at } of around) {
      const own = all.filter((one) => one.machine === machine && one.type === "state" && !one.repeat);
      const instants = [...new Set(own.map((one) => one.at))];
      const last = instants.findLastIndex((instant) => instant <= at);
      const near = instants.slice(Math.max(0, last - 1), last + 3);
      const got = found.get(`${machine} ${at}`);
      if (last < 0) {
        expect(got).toBeUndefined();
        continue;
      }
      expect(got?.events.map(({ at: when, offset }) => [when, offset])).toEqual(
        own.filter((one) => near.includes(one.at)).map(({ at: when, offset }) => [when, offset]),
      );
      expect(got?.isCut).toBe(near.filter((instant) => instant > at).length === 2);
    }
    expect(found.size).toBeGreaterThan(INSTANTS / 2);
  });
});
