import { expect, test } from "vitest";
import { plantFrom, ONE_MACHINE } from "../../../../tests/support/plant.ts";
import { correctionEvent, countEvent, jobEvent, stateEvent, totalEvent } from "./events.ts";

test("events of one type have their fields in one order, which V8 gives one shape", () => {
  const [machine] = plantFrom(ONE_MACHINE).machines;
  if (machine === undefined) throw new Error("a machine");
  const body = { from: 1, to: 2, reason: null, clear: true, by: null, note: null };
  const made = [
    stateEvent(machine, 1, null, "down", "jam"),
    countEvent(machine, 1, null, 1, 2, 3, true, "p", "o"),
    totalEvent(machine, 1, null, 1, 2, 3, 4, true, "p", "o"),
    jobEvent(machine, 1, null, "p", "o", 5, 6),
    correctionEvent(machine, 1, null, null, body),
  ];
  expect(made.map((event) => Object.values(event).slice(3).join(" "))).toEqual([
    " down jam",
    " 1 2 3 true p o",
    " 1 2 3 4 true p o",
    " p o 5 6",
    " 1 2   true  ",
  ]);
});
