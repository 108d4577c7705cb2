import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { Duty } from "./duty.ts";

test("one of two gateways is on duty and takes the entries; when it ends the other one goes on behind them", async () => {
  const of = topics("oee.", 1);
  const log = openMemoryLog();
  onTestFinished(() => log.close());
  await log.ensureTopics(allTopics(of));
  const taken: string[][] = [[], []];
  const duties = taken.map(
    (own) =>
      new Duty(log, of, pino({ level: "silent" }), async (batch) => {
        for (let i = 0; i < batch.length; i++) own.push(batch.valueAt(i)?.toString() ?? "");
      }),
  );
  const append = (text: string) => log.append(of.entries.name, [{ key: text, value: Buffer.from(text) }]);
  for (const duty of duties) duty.start();
  const onDuty = (): number => duties.findIndex(({ isOn }) => isOn);
  await expect.poll(() => duties.filter(({ isOn }) => isOn).length).toBe(1);
  const first = onDuty();
  await append("one");
  await expect.poll(() => taken[first]).toEqual(["one"]);
  await duties[first]?.close();
  expect(duties[first]?.isOn).toBe(false);
  await expect.poll(onDuty).toBe(1 - first);
  await append("two");
  await expect.poll(() => taken[1 - first]).toEqual(["two"]);
  await duties[1 - first]?.close();
});
