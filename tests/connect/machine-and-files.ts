/**
 * The peers of a connector in tests that kill it: a machine that publishes at a broker with QoS 1, and a folder into which files
 * of another machine are moved whole.
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { onTestFinished } from "vitest";
import { freePort } from "../support/free-port.ts";
import { FILLER } from "./connector.ts";
import { mosquitto, temporaryFolder } from "./peers.ts";

export const PRESS = "berlin/packing/l1/press";

export interface MachineAndFiles {
  /** Options of `oee connect`, without those that name where it sends. */
  readonly options: readonly string[];
  /** Publishes a message of the machine; resolves when the broker has it. */
  readonly publish: (message: object) => Promise<void>;
  /** Puts a file into the folder; each row has an instant (epoch ms) and a quantity of the press. */
  readonly drop: (name: string, rows: readonly string[]) => void;
}

/** Starts the broker. `filler` is the mapping of the messages on the topic `filler`. */
export async function machineAndFiles(filler: string): Promise<MachineAndFiles> {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const [folder, files] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(
    join(folder, "connections.yaml"),
    `connections:
  hall:
    protocol: mqtt
    url: mqtt://127.0.0.1:${port}
    clientId: oee-connect
    machines:
      ${FILLER}: ${filler}
  exports:
    protocol: files
    folder: ${files}
    every: 50ms
    machines:
      ${PRESS}: { signals: { n: { value: n, at: $number(t) } }, deltas: { good: n } }
`,
  );
  const sender = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => sender.endAsync(true));
  return {
    options: ["connect", "--connections", join(folder, "connections.yaml"), "--data", join(folder, "data")],
    publish: async (message) => {
      await sender.publishAsync("filler", JSON.stringify(message), { qos: 1 });
    },
    drop: (name, rows) => {
      writeFileSync(join(folder, "next"), `t,n\n${rows.join("\n")}\n`);
      renameSync(join(folder, "next"), join(files, `${name}.csv`));
    },
  };
}
