import { expect, test } from "vitest";
import { MINUTE, T } from "./one-machine.fixture.ts";
import { Presence } from "./presence.ts";

const at = (minutes: number): number => T + minutes * MINUTE;

test("TL-4: silence begins staleAfter after an event, and ends with the next one", () => {
  const presence = new Presence(5 * MINUTE);
  for (const minutes of [0, 3, 20, 21]) presence.add(at(minutes));
  expect(presence.silences(at(0), at(22))).toEqual([{ from: at(8), to: at(20) }]);
  expect(presence.silences(at(0), at(30))).toEqual([
    { from: at(8), to: at(20) },
    { from: at(26), to: Infinity },
  ]);
  expect(presence.silences(at(21), at(22))).toEqual([]);
});

test("TL-4, DI-1: a late event within a silence ends it, and the next silence begins staleAfter later", () => {
  const presence = new Presence(5 * MINUTE);
  for (const minutes of [0, 20, 9]) presence.add(at(minutes));
  expect(presence.silences(at(0), at(20))).toEqual([
    { from: at(5), to: at(9) },
    { from: at(14), to: at(20) },
  ]);
});

test("without staleAfter there is no silence", () => {
  const presence = new Presence(null);
  presence.add(at(0));
  expect(presence.silences(at(0), at(10_000))).toEqual([]);
});
