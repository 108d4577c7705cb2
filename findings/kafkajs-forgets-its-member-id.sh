#!/usr/bin/env bash
# kafkajs 2.2.4 and Kafka 4.3.1: after a broker was away, a consumer waits for its own former session to end.
#
# Versions: kafkajs 2.2.4, kafka_2.13 4.3.1 (one node, KRaft); needs Java 17 and Maven.
# Behaviour: when the broker is away for longer than kafkajs retries, the consumer restarts by itself, but asks to join its group
#   without the member id that it had. The coordinator, which comes back with the group as it was, still has the former member
#   and lets nobody in before that one's session is over. Nothing is read meanwhile, though broker and consumer are well. A join
#   request with the former id would be answered at once.
# Output seen: joined again by the same id: no; of a session of 12 s it waited more than half: yes
# Source: undocumented.
set -euo pipefail
folder=$(mktemp -d)
trap 'pkill -9 -f "kafka.Kafka $folder/" || true; rm -rf "$folder"' EXIT
cd "$folder"
cat > pom.xml <<'P'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>finding</groupId><artifactId>broker</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
  </dependencies>
</project>
P
mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=jars > mvn.log 2>&1
echo '{"type":"commonjs"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts kafkajs@2.2.4 > /dev/null
cat > run.js <<'JS'
const { spawn, spawnSync } = require("node:child_process");
const { writeFileSync } = require("node:fs");
const { createServer } = require("node:net");
const { Kafka, logLevel } = require("kafkajs");

const SESSION_MS = 12_000;
const properties = `${process.cwd()}/server.properties`;
const java = ["-XX:TieredStopAtLevel=1", "-Xmx512m", "-cp", "jars/*"];
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
const until = async (work) => {
  for (;;) {
    const found = await work().catch(() => undefined);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

(async () => {
  const [port, controller] = [await freePort(), await freePort()];
  const brokers = [`127.0.0.1:${port}`];
  writeFileSync(properties, [
    "process.roles=broker,controller", "node.id=1", `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`, "controller.listener.names=CONTROLLER",
    `log.dirs=${process.cwd()}/data`, "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1",
    "group.initial.rebalance.delay.ms=0", "broker.session.timeout.ms=2000", "broker.heartbeat.interval.ms=500",
  ].join("\n"));
  spawnSync("java", [...java, "kafka.tools.StorageTool", "format", "-t", "ZmluZGluZy1vZi1rYWZrYQ", "-c", properties]);
  const start = () => spawn("java", [...java, "kafka.Kafka", properties], { stdio: "ignore" });
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const answers = () =>
    until(async () => {
      const admin = kafka.admin({ retry: { retries: 0 } });
      try {
        await admin.connect();
        return await admin.listTopics();
      } finally {
        await admin.disconnect();
      }
    });

  let broker = start();
  await answers();
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: "events", numPartitions: 1, replicationFactor: 1 }], waitForLeaders: true });
  await admin.disconnect();

  const consumer = kafka.consumer({ groupId: "lines", sessionTimeout: SESSION_MS, retry: { retries: 1, maxRetryTime: 500 } });
  const joins = [];
  let crashed = false;
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => joins.push({ id: payload.memberId, at: performance.now() }));
  consumer.on(consumer.events.CRASH, () => (crashed = true));
  await consumer.connect();
  await consumer.subscribe({ topics: ["events"] });
  await consumer.run({ eachMessage: async () => {} });
  await until(async () => joins[0]);
  crashed = false;
  broker.kill("SIGKILL");
  await until(async () => (crashed ? true : undefined));
  broker = start();
  await answers();
  const back = performance.now();
  const before = joins.length;
  const again = await until(async () => joins[before]);
  const isSame = again.id === joins[0].id;
  const seconds = (again.at - back) / 1_000;
  const isLate = seconds > SESSION_MS / 2_000;
  console.log(`joined again by the same id: ${isSame ? "yes" : "no"}; of a session of 12 s it waited more than half: ${isLate ? "yes" : "no"}`, `(${seconds.toFixed(1)} s)`);
  broker.kill("SIGKILL");
  process.exit(!isSame && isLate ? 0 : 1);
})();
JS
timeout 180 node run.js
