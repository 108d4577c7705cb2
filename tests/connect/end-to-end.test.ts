/**
 * A broker, `oee connect` and `oee start`, each a process of its own: all that a machine published is in the KPIs, though the
 * connector is killed in the middle and the gateway is away for a while.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { getJson, runOee, until } from "../live/oee-process.ts";
import { SIGNS_IN, signInTo } from "../support/sign-in.ts";
import { freePort } from "../support/free-port.ts";
import { FILLER } from "./connector.ts";
import { mosquitto, temporaryFolder } from "./peers.ts";

const PLANT = `enterprise: acme
sites: { berlin: { areas: { packing: { lines: { l1: { machines: { filler: { idealCycleSeconds: 1 } } } } } } } }
`;
const MINUTE = 60_000;

interface Element {
  readonly components: Readonly<Record<string, number>>;
}

/** Makes the connector's token, at a gateway that is started for this and ended. */
async function makeToken(startArgs: readonly string[], url: string): Promise<void> {
  const before = runOee(startArgs);
  await until("the gateway before", () => before.stdout().includes("Ctrl-C") || undefined);
  await signInTo(url);
  await before.end("SIGTERM");
}

test("an hour of a machine over MQTT is in the KPIs, though processes are killed and away meanwhile", async () => {
  const folder = temporaryFolder();
  const broker = await mosquitto(folder, await freePort());
  writeFileSync(join(folder, "plant.yaml"), PLANT);
  writeFileSync(
    join(folder, "connections.yaml"),
    `connections:
  hall:
    protocol: mqtt
    url: mqtt://127.0.0.1:${broker.port}
    clientId: oee-connect
    machines:
      ${FILLER}:
        signals:
          state: { topic: filler/state, value: s, at: t }
          count: { topic: filler/count, value: n, at: t }
        state: state
        totals: { good: count }
`,
  );
  const gatewayPort = await freePort();
  const url = `http://127.0.0.1:${gatewayPort}`;
  const startArgs = [
    ...["start", "--plant", join(folder, "plant.yaml"), "--data", join(folder, "data")],
    ...["--port", String(gatewayPort)],
  ];
  if (SIGNS_IN) await makeToken(startArgs, url);
  const connect = (): ReturnType<typeof runOee> =>
    runOee([
      ...["connect", "--connections", join(folder, "connections.yaml"), "--plant", join(folder, "plant.yaml")],
      ...["--url", url, "--data", join(folder, "outbox")],
    ]);
  const sender = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
  onTestFinished(() => sender.endAsync());
  // The hour before the last: of each 4 minutes the machine runs 3, with 45 pieces a minute.
  const from = Math.floor(Date.now() / MINUTE) * MINUTE - 120 * MINUTE;
  const publish = async (minute: number): Promise<void> => {
    const t = from + minute * MINUTE;
    const s = minute % 4 === 3 ? "down" : "running";
    await sender.publishAsync("filler/state", JSON.stringify({ s, t }), { qos: 1 });
    await sender.publishAsync("filler/count", JSON.stringify({ n: 45 * minute, t }), { qos: 1 });
  };

  let connector = connect();
  await until("the subscription", () => connector.stderr().includes('"connected"') || undefined);
  for (let minute = 0; minute < 20; minute++) await publish(minute);
  await connector.end("SIGKILL");
  for (let minute = 20; minute < 40; minute++) await publish(minute);
  connector = connect();
  onTestFinished(() => void connector.end("SIGKILL"));
  await until("events that wait", () => connector.stderr().includes("cannot be delivered") || undefined);
  const server = runOee(startArgs);
  onTestFinished(() => void server.end("SIGKILL"));
  for (let minute = 40; minute <= 60; minute++) await publish(minute);

  const period = `from=${new Date(from).toISOString()}&to=${new Date(from + 60 * MINUTE).toISOString()}`;
  const components = async (): Promise<Readonly<Record<string, number>> | undefined> => {
    const answer = await getJson<readonly Element[]>(url, `/api/v1/kpis?scope=${FILLER}&${period}`).catch(() => null);
    const found = answer?.status === 200 ? answer.body[0]?.components : undefined;
    return found?.["goodCount"] === 45 * 59 ? found : undefined;
  };
  // 45 minutes of running, 15 stops of a minute each, which are minor ones; the first total only sets the base, and the
  // one of minute 60 lies outside.
  expect(await until("all that was published", components)).toMatchObject({
    runTime: 45 * MINUTE,
    minorStopTime: 15 * MINUTE,
    unknownTime: 0,
    goodCount: 45 * 59,
    minorStopCount: 15,
  });
});
