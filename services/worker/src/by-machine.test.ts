import { PlantModel } from "@oee/engine";
import { EventDecoder, isRefusal, type PlantEvent } from "@oee/model";
import { expect, test } from "vitest";
import { ByMachine } from "./by-machine.ts";
import { MachineRunner } from "./machine-runner.ts";
import { WORKER_DEFAULTS } from "./settings.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const MACHINES = ["a", "b", "c"];
const EVENTS = 5_000;
const plant = plantFrom(
  `enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { ${MACHINES.map((id) => `${id}: { idealCycleSeconds: 1 }`).join(", ")} } } } } } } }\n`,
);
const model = new PlantModel(plant);
const decoder = new EventDecoder(plant, WORKER_DEFAULTS);

function eventOf(machine: string, good: number): PlantEvent {
  const bytes = Buffer.from(
    JSON.stringify({ type: "count", machine: `s/a/l/${machine}`, at: 1_770_000_000_000, good }),
  );
  const event = decoder.decode(bytes, 0, bytes.length, null);
  if (isRefusal(event)) throw new Error(event.detail);
  return event;
}

test("events are drained machine by machine, each with its place, those of a machine in order of arrival", () => {
  const byMachine = new ByMachine();
  const bytes = Buffer.alloc(0);
  for (const round of [1, 2]) {
    const expected: string[] = [];
    for (let i = 0; i < EVENTS; i++) {
      const event = eventOf(MACHINES[((i * 7 + round) % 5) % 3] ?? "", i);
      const { machine } = event;
      // The last machine is of another partition: its group has no runner.
      const runner = machine.index === 2 ? null : new MachineRunner(model.machine(machine), 0, WORKER_DEFAULTS);
      const group = byMachine.groupAt(machine.index) ?? byMachine.begin(machine.index, runner);
      if (group.runner === null) continue;
      byMachine.add(group, event, i, i + 1, bytes, i + 2, i + 3);
      expected.push(`${machine.id} ${i} ${i + 1} ${i + 2} ${i + 3}`);
    }
    const drained: string[] = [];
    const order: string[] = [];
    byMachine.drain((runner, event, ...place) => {
      const [record, index, , start, end] = place;
      expect(runner.id).toBe(event.machine.id);
      if (order.at(-1) !== runner.id) order.push(runner.id);
      drained.push(`${runner.id} ${record} ${index} ${start} ${end}`);
    });
    expect(order).toHaveLength(2);
    for (const id of order) {
      const of = (all: readonly string[]): readonly string[] => all.filter((each) => each.startsWith(`${id} `));
      expect(of(drained)).toEqual(of(expected));
    }
    expect(drained).toHaveLength(expected.length);
    expect(byMachine.length).toBe(0);
  }
});
