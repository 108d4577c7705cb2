/**
 * Compares the stream path with programs that a user might pick instead, on the same topic of a real Kafka broker: each reads
 * the same events from the beginning, makes minute rows of good pieces and running time of each machine, and must give the same
 * sums. They run in turn, each alone; printed are medians, the spread, and how busy the machine was besides. With `--profile`
 * also the processor time an event of each step of `oee` (`docs/performance.md`); a profile costs a few percent.
 * With `--per-record` a record is a JSON array of so many events of one partition, with `--arrow` an Arrow stream of them, which the
 * peers in Java do not read, nor plain kafkajs Arrow.
 * Needs what `tests/prepare.sh` installs and a JDK.
 *
 *     npm run build && npm run bench -- benchmarks/peers/run.ts [--machines 1000] [--seconds 240] [--rounds 3] [--only oee,flink] [--per-record 100 [--arrow]] [--profile FOLDER]
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { CONTESTANTS } from "./contestants.ts";
import { type Result, spreadOf, Stage, told } from "./stage.ts";
import { sharesOfSteps } from "./steps.ts";

const { values } = parseArgs({
  options: {
    machines: { type: "string", default: "1000" },
    seconds: { type: "string", default: "240" },
    rounds: { type: "string", default: "3" },
    "per-record": { type: "string", default: "1" },
    arrow: { type: "boolean", default: false },
    profile: { type: "string" },
    only: { type: "string", default: Object.keys(CONTESTANTS).join() },
  },
});
const machines = Number(values.machines);
const seconds = Number(values.seconds);
const names = values.only.split(",");

const perRecord = Number(values["per-record"]);
const stage = await Stage.open({ machines, seconds, perRecord, arrow: values.arrow });
try {
  const results = new Map<string, Result[]>(names.map((name) => [name, []]));
  for (let round = 1; round <= Number(values.rounds); round++) {
    const events = await stage.fill();
    if (round === 1) console.log(`${events} events of ${machines} machines in ${seconds} s`);
    for (const name of names) {
      const result = await stage.run({ name, round, profile: values.profile });
      results.get(name)?.push(result);
      console.log(`  ${round} ${name}: ${told(result)}; load ${loadavg()[0]?.toFixed(0)}`);
      if (name === "oee" && values.profile !== undefined) printSteps(values.profile, result);
    }
  }
  console.log("\n| | CPU µs/event | steady | events/s | MiB |\n| --- | --- | --- | --- | --- |");
  for (const [name, all] of results) {
    const column = (key: "overAll" | "steady" | "perSecond" | "memory", digits: number): string => {
      const { least, middle, most } = spreadOf(all.map((result) => result[key]));
      return `${middle.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
    };
    console.log(
      `| ${name} | ${column("overAll", 1)} | ${column("steady", 1)} | ${column("perSecond", 0)} | ${column("memory", 0)} |`,
    );
  }
} finally {
  await stage.close();
}

function printSteps(folder: string, { threads, seconds: ofRun }: Result): void {
  const inNs = (us: number): string => (us * 1000).toFixed(0);
  console.log("\n| step | ns of processor time an event |\n| --- | --- |");
  for (const [step, share] of sharesOfSteps(folder, ofRun)) console.log(`| ${step} | ${inNs(share * threads.main)} |`);
  console.log(`| V8's helper threads | ${inNs(threads.helpers)} |`);
  console.log(`| ClickHouse's threads and libuv's | ${inNs(threads.others)} |\n`);
}
