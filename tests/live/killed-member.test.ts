/**
 * A worker that is started again right after SIGKILL has its partitions at once: the killed member is taken out of the group, whose
 * session would end after the test. One that lives keeps its place.
 */
import { writeFileSync } from "node:fs";
import type { Element } from "@oee/model";
import kafkajs from "kafkajs";
import { expect, test } from "vitest";
import { WORKER_DEFAULTS } from "@oee/worker/settings";
import { ONE_MACHINE } from "../support/plant.ts";
import { floorMinute, instant } from "./history.ts";
import { getJson, postLines, type Served, until } from "./oee-process.ts";
import { onOwnKafka } from "./on-kafka.ts";

const MINUTE_MS = 60_000;
const MACHINE = "s/a/l/m";
const TO = floorMinute(Date.now()) - 10 * MINUTE_MS;
const FROM = TO - 60 * MINUTE_MS;

/** A broker of its own: members of other files would wait for those that are killed here. */
const kafka = onOwnKafka();

interface WorkerStatus {
  readonly ready: boolean;
  readonly partitions: number;
}

test("a killed worker's partitions are the next one's at once, whatever its session, and each piece counts once", async () => {
  const plant = kafka.folder.path("plant.yaml");
  writeFileSync(plant, ONE_MACHINE);
  const common = ["--plant", plant, ...kafka.outside("killed."), "--partitions", "4"];
  const worker = (): Promise<Served> => kafka.start("worker", ...common, "--kafka-session-timeout", "30m");
  const owned = async ({ url }: Served): Promise<number> =>
    (await getJson<WorkerStatus>(url, "/health/ready")).body.partitions;
  const gateway = await kafka.start("gateway", ...common);
  let sent = 0;
  const send = async (): Promise<void> => {
    const at = instant(FROM + sent++ * MINUTE_MS);
    const state = { type: "state", machine: MACHINE, at, state: "running" };
    await postLines(
      gateway.url,
      [state, { type: "count", machine: MACHINE, at, good: 1 }].map((each) => JSON.stringify(each)),
    );
  };
  const untilCounted = (): Promise<unknown> =>
    until(`${sent} pieces`, async () => {
      const { body } = await getJson<Element[]>(gateway.url, `/api/v1/kpis?scope=${MACHINE}&from=${FROM}&to=${TO}`);
      return body[0]?.components.goodCount === sent || undefined;
    });
  const admin = new kafkajs.Kafka({ brokers: [...kafka.broker.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  const members = async (): Promise<readonly string[]> => {
    const { groups } = await admin.describeGroups([WORKER_DEFAULTS.groupId]);
    return groups.flatMap((group) => group.members.map(({ memberId }) => memberId));
  };

  const first = await worker();
  await send();
  await untilCounted();
  const [killed] = await members();
  await first.end("SIGKILL");
  await send();
  expect(await members()).toEqual([killed]);

  const second = await worker();
  await untilCounted();
  expect(await owned(second)).toBe(4);
  expect(second.stderr()).toContain(`"members":["${killed}"]`);
  const [living] = await members();

  const third = await worker();
  await until("two owners", async () => ((await owned(second)) === 2 && (await owned(third)) === 2) || undefined);
  const [of] = (await members()).filter((member) => member !== living);
  await third.end("SIGKILL");
  const fourth = await worker();
  await until("two owners", async () => ((await owned(second)) === 2 && (await owned(fourth)) === 2) || undefined);
  expect(fourth.stderr()).toContain(`"members":["${of}"]`);
  expect(await members()).toContain(living);
  await send();
  await untilCounted();
  await admin.disconnect();
});
