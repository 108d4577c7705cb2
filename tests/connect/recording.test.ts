/** Observations of peers are recorded beside a running connector; replayed without the peers they give the same events. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { oeeOutput, runOee, until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { Collected, mosquitto, temporaryFolder } from "./peers.ts";

test("a replayed recording gives the same events, and has neither secrets nor texts that may name people", async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  await mosquitto(folder, port);
  const text = `connections:
  hall:
    protocol: mqtt
    url: mqtt://127.0.0.1:${port}
    clientId: oee
    username: { env: HALL_USER }
    password: hall-password
    machines:
      ${FILLER}:
        signals:
          state: { topic: filler, value: s, at: t }
          count: { topic: filler, value: n, at: t }
          operator: { topic: filler, value: who }
        state: state
        totals: { good: count }
`;
  process.env["HALL_USER"] = "hall-user";
  const file = join(folder, "connections.yaml");
  writeFileSync(file, text);
  const receiver = new Collected();
  const { connector } = connectorOf(text, { receiver, folder: temporaryFolder() });
  await until("the connector", () => connector.status().connections[0]?.connected || undefined);
  const recorder = runOee(
    ["connect", "record", "--connections", file, "--output", join(folder, "r.ndjson"), "--data", folder],
    { HALL_USER: "hall-user" },
  );
  onTestFinished(() => void recorder.end("SIGKILL"));
  const sender = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => sender.endAsync(true));
  const heard = (): string => {
    try {
      return readFileSync(join(folder, "r.ndjson"), "utf8");
    } catch {
      return "";
    }
  };
  await until("the recorder", () => heard().includes('"connected"') || undefined);
  // The client is connected before its subscription is granted.
  await sender.publishAsync("filler", JSON.stringify({ s: "running", n: 0, t: 1_000_000_000_000 }), { retain: true });
  await until("what is retained", () => heard().includes('"observed"') || undefined);
  for (let i = 1; i <= 5; i++) {
    const message = {
      s: i % 2 === 0 ? "running" : "down",
      n: 100 * i,
      t: 1_000_000_000_000 + 1000 * i,
      who: "Anna Huber",
    };
    await sender.publishAsync("filler", JSON.stringify(message), { qos: 1 });
  }
  // Without the events of the retained message.
  const heardByConnector = (): readonly unknown[] =>
    receiver.events.filter(({ at }) => Date.parse(String(at)) > 1_000_000_000_000);
  await until("all events", () => heardByConnector().length >= 10 || undefined);
  await until("all lines", () => heard().includes('"value":500') || undefined);
  const { code } = await recorder.end("SIGTERM");
  expect(code).toBe(0);
  expect(heard()).not.toMatch(/Anna|hall-user|hall-password|mqtt:/);
  const printed = await oeeOutput(["connect", "replay", join(folder, "r.ndjson"), "--connections", file], {
    HALL_USER: "x",
  });
  const events = printed.split("\n").flatMap((line) => (line.startsWith("event ") ? [JSON.parse(line.slice(6))] : []));
  expect(events.slice(-10)).toEqual(heardByConnector().slice(0, 10));
});
