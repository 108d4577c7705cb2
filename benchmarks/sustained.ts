/**
 * How long `oee start --kafka` holds a steady rate of events with a real broker on the same machine, one JSON event a record, each
 * with the instant at which it is sent, while some displays show a machine each. Each minute: events taken a second, records not
 * read yet, from event to display (p50, p99), processor time of `oee` and of the broker with the plant's process, resident memory.
 * The plant and the displays are processes of their own. Kafka keeps what was sent until the end: 6 GB for ten minutes of 100,000 a second.
 *
 *     npm run build && npm run bench -- benchmarks/sustained.ts [--machines 10000] [--events 100000] [--minutes 10] [--displays 40]
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { allTopics, topics } from "@oee/event-log";
import { openKafkaLog } from "@oee/event-log/kafka";
import { loadMachineId, loadPlantYaml } from "@oee/simulator";
import { startBroker } from "../tests/kafka/broker.ts";
import { quantileOf, startOee, stopOee, usageOf } from "./loaded.ts";
import type { Plant, Sent } from "./sustaining.ts";
import type { Told, ToDisplays } from "./watching.ts";

const { values } = parseArgs({
  options: {
    machines: { type: "string", default: "10000" },
    events: { type: "string", default: "100000" },
    minutes: { type: "string", default: "10" },
    displays: { type: "string", default: "40" },
  },
});
const [machines, perSecond, minutes, shown] = [values.machines, values.events, values.minutes, values.displays].map(
  Number,
) as [number, number, number, number];
const PREFIX = "sustained.";
const folder = mkdtempSync(join(tmpdir(), "oee-sustained-"));
const plantFile = join(folder, "plant.yaml");
writeFileSync(plantFile, loadPlantYaml(machines));
const broker = await startBroker();
try {
  const log = openKafkaLog({ client: { brokers: broker.brokers } });
  await log.ensureTopics(allTopics(topics(PREFIX)));
  await log.close();
  const running = await startOee(plantFile, join(folder, "data"), {
    args: ["--kafka", broker.brokers.join(), "--topic-prefix", PREFIX],
  });
  const { pid = 0 } = running.child;
  const displays = fork(new URL("./watching.ts", import.meta.url));
  const shows = Array.from({ length: shown }, (_, i) => [loadMachineId(Math.floor((i * machines) / shown))]);
  await ask(displays, { do: "connect", url: running.url, shows });
  const plant = fork(new URL("./sustaining.ts", import.meta.url));
  plant.send({ brokers: broker.brokers, prefix: PREFIX, machines, perSecond, seconds: minutes * 60 } satisfies Plant);
  let [before, at, taken, sentBefore] = [usageOf(pid), performance.now(), 0, 0];
  let behind = false;
  for (let minute = 1; minute <= minutes; minute++) {
    const sent = await new Promise<Sent>((resolve, reject) => {
      plant.once("message", (message: Sent) => resolve(message));
      plant.once("exit", (code) => reject(new Error(`the plant ended with ${code}`)));
    });
    const seconds = (performance.now() - at) / 1000;
    const after = usageOf(pid);
    const { latencies } = await ask<Told>(displays, { do: "tell" });
    const text = await fetch(`${running.url}/metrics`).then((response) => response.text());
    const sumOf = (name: string): number =>
      [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, "gm"))].reduce(
        (sum, of) => sum + Number(of[1]),
        0,
      );
    const [events, lag] = [sumOf("oee_worker_events_total"), sumOf("oee_worker_lag_records")];
    const sorted = Float64Array.from(latencies).sort();
    behind = lag > perSecond;
    console.log(
      `minute ${minute}: sent ${Math.round((sent.events - sentBefore) / seconds)} events/s (its slowest request ${Math.round(sent.behindMs)} ms late), ` +
        `taken ${Math.round((events - taken) / seconds)} events/s, ${lag} not read; event to display p50 ${quantileOf(sorted, 0.5)} ms, p99 ${quantileOf(sorted, 0.99)} ms; ` +
        `oee ${(((after.cpu - before.cpu) / seconds) * 100).toFixed(0)} % of a core, ${after.rss.toFixed(0)} MB; load average ${loadavg()[0]?.toFixed(1)}`,
    );
    [before, at, taken, sentBefore] = [after, performance.now(), events, sent.events];
  }
  displays.removeAllListeners();
  displays.kill();
  await stopOee(running);
  if (behind)
    throw new Error(`it did not hold ${perSecond} events/s: more than a second of them is not read at the end`);
} finally {
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
}

function ask<Answer>(displays: ChildProcess, message: ToDisplays): Promise<Answer> {
  return new Promise((resolve, reject) => {
    displays.removeAllListeners();
    displays.once("message", (answer: Answer) => resolve(answer));
    displays.once("exit", (code) => reject(new Error(`the displays ended with ${code}`)));
    displays.send(message);
  });
}
