/**
 * A plain program with kafkajs, as a Node.js developer would write it first: `JSON.parse`, a state machine in a `Map`, and
 * finished minute rows to a topic. It keeps no state over a restart. Arguments: brokers, events topic, rows topic, group.
 */
import kafkajs from "kafkajs";

const [brokers = "", events = "", rows = "", group = ""] = process.argv.slice(2);
const MINUTE_MS = 60_000;
const TOLD_EVERY_MS = 200;

interface Machine {
  at: number;
  running: boolean;
  minute: number;
  good: number;
  runMs: number;
}

interface Event {
  readonly machine: string;
  readonly at: number;
  readonly good?: number;
  readonly state?: string;
}

const kafka = new kafkajs.Kafka({ brokers: brokers.split(","), logLevel: kafkajs.logLevel.ERROR });
const consumer = kafka.consumer({ groupId: group });
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
const machines = new Map<string, Machine>();
let taken = 0;

function take(event: Event, finished: kafkajs.Message[]): void {
  let machine = machines.get(event.machine);
  if (machine === undefined) {
    machine = { at: event.at, running: false, minute: Math.floor(event.at / MINUTE_MS), good: 0, runMs: 0 };
    machines.set(event.machine, machine);
  }
  for (let end = (machine.minute + 1) * MINUTE_MS; event.at >= end; end += MINUTE_MS) {
    if (machine.running) machine.runMs += end - machine.at;
    const row = { machine: event.machine, from: end - MINUTE_MS, good: machine.good, runMs: machine.runMs };
    finished.push({ key: event.machine, value: JSON.stringify(row) });
    Object.assign(machine, { at: end, minute: machine.minute + 1, good: 0, runMs: 0 });
  }
  if (machine.running) machine.runMs += event.at - machine.at;
  machine.at = event.at;
  machine.good += event.good ?? 0;
  if (event.state !== undefined) machine.running = event.state === "running";
}

await producer.connect();
await consumer.connect();
await consumer.subscribe({ topic: events, fromBeginning: true });
await consumer.run({
  eachBatch: async ({ batch }) => {
    const finished: kafkajs.Message[] = [];
    for (const { value } of batch.messages) {
      if (value !== null) take(JSON.parse(value.toString()) as Event, finished);
    }
    if (finished.length > 0) await producer.send({ topic: rows, messages: finished });
    taken += batch.messages.length;
  },
});
setInterval(() => process.stdout.write(`taken ${taken}\n`), TOLD_EVERY_MS);
