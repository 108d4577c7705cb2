/**
 * Compares the stream path with programs that a user might pick instead, on the same events in a topic of a real Kafka broker: each
 * reads them from the beginning, makes minute rows of good pieces and running time of each machine, and must give the same
 * sums. They run in turn, each alone; printed are medians, the spread, and how busy the machine was besides. With `--profile`
 * also the processor time an event of each step of `oee` (`docs/performance.md`); a profile costs a few percent.
 * `oee` does all that it does, `oee-rows` the peers' job alone (`rows-alone.mjs`). A record is one JSON event; for `oee@100` it is a JSON
 * array of 100 of one partition, for `oee@arrow1000` an Arrow stream of 1,000, in a topic that is filled for them: so what they cost is
 * compared with what Flink takes on single records. The peers in Java read only single records, and plain kafkajs no Arrow.
 * Needs what `tests/prepare.sh` installs and a JDK.
 *
 *     npm run build && npm run bench -- benchmarks/peers/run.ts [--machines 1000] [--seconds 240] [--rounds 3] [--only flink,oee,oee@100] [--profile FOLDER]
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { CONTESTANTS } from "./contestants.ts";
import { type Packed, type Result, spreadOf, Stage, told } from "./stage.ts";
import { sharesOfSteps } from "./steps.ts";

const { values } = parseArgs({
  options: {
    machines: { type: "string", default: "1000" },
    seconds: { type: "string", default: "240" },
    rounds: { type: "string", default: "3" },
    profile: { type: "string" },
    only: { type: "string", default: Object.keys(CONTESTANTS).join() },
  },
});
const machines = Number(values.machines);
const seconds = Number(values.seconds);
const names = values.only.split(",");
/** What they are compared with. */
const YARDSTICK = "flink";

/** A contestant by its name, and how its events lie in records, by what stands behind an `@`. */
function asked(name: string): { readonly contestant: string; readonly packed: Packed } {
  const [contestant = "", packing = "1"] = name.split("@");
  const [, arrow, perRecord] = /^(arrow)?([1-9]\d*)$/.exec(packing) ?? [];
  if (perRecord === undefined) throw new Error(`${name}: expected a number behind the @, or arrow and a number`);
  return { contestant, packed: { perRecord: Number(perRecord), arrow: arrow !== undefined } };
}

/** The names whose events lie alike in records. */
const packings = new Map<string, string[]>();
for (const name of names) {
  const key = JSON.stringify(asked(name).packed);
  packings.set(key, [...(packings.get(key) ?? []), name]);
}
const stage = await Stage.open({ machines, seconds });
try {
  const results = new Map<string, Result[]>(names.map((name) => [name, []]));
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const together of packings.values()) {
      // Anew for each packing, whose events must end within the last minute.
      const events = await stage.fill(asked(together[0] ?? "").packed);
      if (round === 1) console.log(`${events} events of ${machines} machines in ${seconds} s`);
      for (const name of together) {
        const { profile } = values;
        const result = await stage.run({ name: asked(name).contestant, round, profile });
        results.get(name)?.push(result);
        console.log(`  ${round} ${name}: ${told(result)}; load ${loadavg()[0]?.toFixed(0)}`);
        if (profile !== undefined && name.startsWith("oee")) printSteps(profile, result);
      }
    }
  }
  console.log(
    `\n| | CPU µs/event | steady | events/s | MiB | × ${YARDSTICK}, over all | steady |\n| --- | --- | --- | --- | --- | --- | --- |`,
  );
  const yardstick = results.get(YARDSTICK) ?? [];
  for (const [name, all] of results) {
    const times = (key: "overAll" | "steady"): string =>
      yardstick.length === 0 ? "" : (middleOf(all, key) / middleOf(yardstick, key)).toFixed(2);
    const column = (key: "overAll" | "steady" | "perSecond" | "memory", digits: number): string => {
      const { least, middle, most } = spreadOf(all.map((result) => result[key]));
      return `${middle.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
    };
    console.log(
      `| ${name} | ${column("overAll", 1)} | ${column("steady", 1)} | ${column("perSecond", 0)} | ${column("memory", 0)} | ${times("overAll")} | ${times("steady")} |`,
    );
  }
} finally {
  await stage.close();
}

function middleOf(all: readonly Result[], key: "overAll" | "steady"): number {
  return spreadOf(all.map((result) => result[key])).middle;
}

function printSteps(folder: string, { threads, seconds: ofRun }: Result): void {
  const inNs = (us: number): string => (us * 1000).toFixed(0);
  console.log("\n| step | ns of processor time an event |\n| --- | --- |");
  for (const [step, share] of sharesOfSteps(folder, ofRun)) console.log(`| ${step} | ${inNs(share * threads.main)} |`);
  console.log(`| V8's helper threads | ${inNs(threads.helpers)} |`);
  console.log(`| ClickHouse's threads and libuv's | ${inNs(threads.others)} |\n`);
}
