/** A connections file that stands for the machines of a plant: a machine that is added to the plant file is read without another line. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { runOee, until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { mosquitto, temporaryFolder } from "./peers.ts";

test("a machine that is added to the plant file is taken from its topic", async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const [plant, file] = [join(folder, "plant.yaml"), join(folder, "connections.yaml")];
  const writePlant = (machines: readonly string[]): void => {
    const own = machines.map((machine) => `${machine}: { idealCycleSeconds: 1 }`).join(", ");
    writeFileSync(
      plant,
      `enterprise: acme\nsites: { berlin: { areas: { packing: { lines: { l1: { machines: { ${own} } } } } } } }\n`,
    );
  };
  writePlant(["filler"]);
  writeFileSync(
    file,
    `connections: { hall: { protocol: mqtt, url: 'mqtt://127.0.0.1:${port}', clientId: oee, machines: { 'berlin/packing/l1/{machine}': {
      signals: { s: { topic: 'hall/{machine}/state' } }, state: s } } } }`,
  );
  const connector = runOee(
    ["connect", "--connections", file, "--plant", plant, "--dry-run", "--data", join(folder, "data")],
    {},
  );
  onTestFinished(() => void connector.end("SIGKILL"));
  const sender = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => sender.endAsync(true));
  const sentTo = async (machine: string): Promise<void> => {
    await until(`an event of ${machine}`, async () => {
      await sender.publishAsync(`hall/${machine}/state`, "running", { qos: 1 });
      return connector.stdout().includes(`"machine":"berlin/packing/l1/${machine}"`) || undefined;
    });
  };
  await sentTo("filler");
  writePlant(["filler", "labeller"]);
  await sentTo("labeller");
  const { code, stderr } = await connector.end("SIGTERM");
  expect(code, stderr).toBe(0);
});
