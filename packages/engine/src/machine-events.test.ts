import { expect, test } from "vitest";
import { lowerBound, MachineEvents } from "./machine-events.ts";
import { eventsOf, MINUTE, modelOf, T } from "./one-machine.fixture.ts";

const MODEL = modelOf();

function eventsAdded(events: Parameters<typeof eventsOf>[1]): MachineEvents {
  const added = new MachineEvents(MODEL.machine);
  for (const event of eventsOf(MODEL, events)) if (added.isNew(event)) added.add(event);
  return added;
}

test("TL-1: states are kept in order of time in whatever order they come; of two of one instant the later in the log stays", () => {
  const { states } = eventsAdded([
    { at: 5, type: "state", state: "down" },
    { at: 1, type: "state", state: "running" },
    { at: 5, type: "state", state: "idle" },
  ]);
  expect(states.map(({ at, state }) => [(at - T) / MINUTE, state])).toEqual([
    [1, "running"],
    [5, "idle"],
  ]);
  expect([0, 1, 2, 6].map((minutes) => lowerBound(states, T + minutes * MINUTE))).toEqual([0, 0, 1, 2]);
});

test("CN-4: an event with a known id is a repeat, also after a restore from the snapshot", () => {
  const [event] = eventsOf(MODEL, [{ at: 1, type: "count", good: 5, id: "a" }]);
  if (event === undefined) return expect.unreachable();
  const events = new MachineEvents(MODEL.machine);
  expect([events.isNew(event), events.isNew(event)]).toEqual([true, false]);
  expect(MachineEvents.restore(MODEL.machine, events.snapshot(), null).isNew(event)).toBe(false);
});

test("forgetting events before an instant keeps the job that is in force then", () => {
  const events = eventsAdded([
    { at: 0, type: "job", product: "a" },
    { at: 1, type: "job", product: "b" },
    { at: 2, type: "state", state: "running" },
    { at: 3, type: "state", state: "down" },
  ]);
  events.forgetBefore(T + 3 * MINUTE, T + 3 * MINUTE);
  expect(events.jobs.map(({ product }) => product)).toEqual(["b"]);
  expect(events.states.map(({ state }) => state)).toEqual(["down"]);
});
