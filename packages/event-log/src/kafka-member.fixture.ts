/** The group member that `kafka.test.ts` kills: it commits offset 2 of each of its partitions, and prints a line when it has two. */
import { openKafkaLog } from "./kafka.ts";

const [, , brokers = "", topic = "", groupId = "", sessionTimeoutMs = "1500"] = process.argv;
const log = openKafkaLog({
  client: { brokers: brokers.split(",") },
  sessionTimeoutMs: Number(sessionTimeoutMs),
  heartbeatIntervalMs: 300,
});
let partitions = 0;
const consumer = log.consume({
  groupId,
  topics: [topic],
  async onAssigned() {},
  async onRevoked() {},
  async onBatch({ partition }) {
    await consumer.commit([{ topic, partition, offset: 2 }]);
    partitions += 1;
    if (partitions === 2) process.stdout.write("committed\n");
  },
});
