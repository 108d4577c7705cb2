import { expect, test } from "vitest";
import { eventsOf, MINUTE, modelOf, T } from "./one-machine.fixture.ts";
import { type Correction, NOTHING_KNOWN, rawSegments, type Segment, segmentsOf } from "./segments.ts";
import type { StateEvent } from "@oee/model";

const MODEL = modelOf();
const at = (minutes: number): number => T + minutes * MINUTE;

function segments(
  states: readonly (readonly [number, string, string?])[],
  silences: readonly { readonly from: number; readonly to: number }[] = [],
  corrections: readonly Correction[] = [],
): string[] {
  const events = eventsOf(
    MODEL,
    states.map(([minutes, state, reason]) => ({ at: minutes, type: "state", state, ...(reason ? { reason } : {}) })),
  ).filter((event): event is StateEvent => event.type === "state");
  const raw = rawSegments(NOTHING_KNOWN, events, 0, events.length);
  return segmentsOf(at(0), at(10), raw, silences, corrections, MODEL.classifier).map(shown);
}

const shown = ({ from, to, state, reason }: Segment): string =>
  `${(from - T) / MINUTE}-${(to - T) / MINUTE} ${state}${reason === null ? "" : ` ${reason}`}`;

function correction(number: number, from: number, to: number, more: Partial<Correction>): Correction {
  return { number, from: at(from), to: at(to), state: null, reason: null, clear: false, by: null, ...more };
}

test("TL-1, TL-2: a segment lasts until another state; the same state again changes nothing; before the first state time is unknown", () => {
  expect(
    segments([
      [2, "running"],
      [4, "running"],
      [5, "down"],
    ]),
  ).toEqual(["0-2 unknown", "2-5 running", "5-10 down"]);
});

test("TL-3: a reason that comes later with the same state is the reason of the whole segment", () => {
  expect(
    segments([
      [0, "running"],
      [5, "down"],
      [7, "down", "jam"],
    ]),
  ).toEqual(["0-5 running", "5-10 down jam"]);
});

test("TL-4: during a silence the state is no data; after it the state from before goes on", () => {
  expect(segments([[0, "running"]], [{ from: at(3), to: at(6) }])).toEqual([
    "0-3 running",
    "3-6 unknown",
    "6-10 running",
  ]);
});

test("TL-7: corrections apply in log order, and one with `clear` brings back the machine's own states", () => {
  const states = [
    [0, "running"],
    [4, "down"],
  ] as const;
  const setup = correction(0, 3, 6, { state: "setup" });
  expect(segments(states, [], [setup])).toEqual(["0-3 running", "3-6 setup", "6-10 down"]);
  expect(segments(states, [], [setup, correction(1, 0, 5, { clear: true })])).toEqual([
    "0-4 running",
    "4-5 down",
    "5-6 setup",
    "6-10 down",
  ]);
});

test("TL-7: a correction with a reason and no state applies to stops only", () => {
  const reason = correction(0, 0, 10, { reason: "jam" });
  expect(
    segments(
      [
        [0, "running"],
        [5, "down"],
      ],
      [],
      [reason],
    ),
  ).toEqual(["0-5 running", "5-10 down jam"]);
});
