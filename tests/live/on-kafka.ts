/** What tests of separate processes share: a real Kafka, ClickHouse over HTTP, and the `oee` processes on both. */
import { afterAll, beforeAll } from "vitest";
import { type HttpFront, startHttpFront } from "../../packages/store/test/http-front.ts";
import { type SharedBroker, sharedBroker, startOwnBroker, type TestBroker } from "../kafka/broker.ts";
import { type Folder, newFolder, serve, type Served } from "./oee-process.ts";

export interface OnKafka<Broker extends SharedBroker = SharedBroker> {
  readonly folder: Folder;
  /** There from the first test on. */
  readonly broker: Broker;
  /** Options by which a process finds both, with its topics under a prefix. There from the first test on. */
  outside(prefix: string): readonly string[];
  /** Starts `oee` with these arguments, and resolves when it serves. */
  start(...args: readonly string[]): Promise<Served>;
}

/** Starts a store before the first test of a file, on the broker of the run; after its last, kills the processes and removes all data. */
export function onKafka(): OnKafka {
  return onBroker(sharedBroker, async () => {});
}

/** As `onKafka`, with a broker of its own, which a test may kill or freeze. */
export function onOwnKafka(): OnKafka<TestBroker> {
  return onBroker(startOwnBroker, (broker) => broker.stop());
}

function onBroker<Broker extends SharedBroker>(
  open: () => Promise<Broker>,
  close: (broker: Broker) => Promise<void>,
): OnKafka<Broker> {
  const folder = newFolder();
  const served: Served[] = [];
  let broker: Broker | null = null;
  let front: HttpFront | null = null;
  beforeAll(async () => {
    [broker, front] = await Promise.all([open(), startHttpFront(folder.path("clickhouse"))]);
  });
  afterAll(async () => {
    for (const one of served) await one.end("SIGKILL");
    await front?.close();
    if (broker !== null) await close(broker);
    folder.remove();
  });
  return {
    folder,
    get broker() {
      if (broker === null) throw new Error("the broker starts before the first test");
      return broker;
    },
    outside(prefix) {
      if (front === null) throw new Error("the store starts before the first test");
      const { broker: started } = this;
      return ["--kafka", started.brokers.join(","), "--clickhouse", front.url, "--topic-prefix", prefix];
    },
    async start(...args) {
      const one = await serve(args);
      served.push(one);
      return one;
    },
  };
}
