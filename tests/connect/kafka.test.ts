/** `oee connect --kafka`: events go straight to the topic, at least once, under the same ids each time. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openKafkaLog } from "@oee/event-log/kafka";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type SharedBroker, sharedBroker } from "../kafka/broker.ts";
import { oeeOutput, until } from "../live/oee-process.ts";
import { FILLER } from "./connector.ts";
import { temporaryFolder } from "./peers.ts";

let broker: SharedBroker | null = null;
beforeAll(async () => {
  broker = await sharedBroker();
});

test("rows of a file become records by machine; read again by another connector they have the same ids; events that the plant refuses are reported", async () => {
  if (broker === null) throw new Error("no broker");
  const folder = temporaryFolder();
  const prefix = `connect-${process.pid}.`;
  const files = join(folder, "in");
  writeFileSync(
    join(folder, "connections.yaml"),
    `connections:
  exports:
    protocol: files
    folder: ${files}
    every: 50ms
    machines:
      ${FILLER}: { signals: { n: { value: n, at: t } }, deltas: { good: n } }
`,
  );
  writeFileSync(
    join(folder, "plant.yaml"),
    "enterprise: acme\nsites: { berlin: { areas: { packing: { lines: { l1: { machines: { filler: { idealCycleSeconds: 1 } } } } } } } }\n",
  );
  const connect = async (data: string): Promise<string> => {
    mkdirSync(files, { recursive: true });
    writeFileSync(
      join(files, "rows.csv"),
      "t,n\n2026-03-02T05:00:00Z,1\n2026-03-02T05:00:01Z,2\n2126-03-02T05:00:02Z,3\n",
    );
    return oeeOutput([
      ...[
        "connect",
        "--connections",
        join(folder, "connections.yaml"),
        "--plant",
        join(folder, "plant.yaml"),
        "--once",
      ],
      ...["--kafka", broker?.brokers.join(",") ?? "", "--topic-prefix", prefix, "--data", join(folder, data)],
    ]);
  };
  await connect("one");
  await connect("two");
  const log = openKafkaLog({ client: { brokers: broker.brokers } });
  onTestFinished(() => log.close());
  const found: { key: string; id: string; good: number }[] = [];
  const follower = log.followKeyed({
    topic: `${prefix}events`,
    onBatch: (batch) => {
      for (let i = 0; i < batch.length; i++) {
        const { id, good } = JSON.parse(Buffer.from(batch.valueAt(i) ?? []).toString()) as { id: string; good: number };
        found.push({ key: Buffer.from(batch.keyAt(i) ?? []).toString(), id, good });
      }
    },
  });
  onTestFinished(() => follower.close());
  await until("four records", () => found.length >= 4 || undefined);
  expect(found.map(({ key, good }) => [key, good])).toEqual([
    [FILLER, 1],
    [FILLER, 2],
    [FILLER, 1],
    [FILLER, 2],
  ]);
  expect(found.slice(2).map(({ id }) => id)).toEqual(found.slice(0, 2).map(({ id }) => id));
});
