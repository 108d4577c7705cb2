/**
 * `oee connect` killed again and again at random, while a machine publishes and files come: what arrives in the end is each row and
 * each change once, by the ids that the engine knows repeats by (CN-4), and in order, but for the present beside a backlog.
 * OEE_CONNECT_KILLS says how often (3; 50 for a change of the connector), OEE_CRASH_SEED where the random choices begin.
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { runOee, until } from "../live/oee-process.ts";
import { FILLER } from "./connector.ts";
import { type Event, gatewayAt, strange } from "./gateway.ts";
import { freePort, mosquitto, temporaryFolder } from "./peers.ts";

const KILLS = Number(process.env["OEE_CONNECT_KILLS"] ?? 3);
const SEED = Number(process.env["OEE_CRASH_SEED"] ?? 1);
const PRESS = "berlin/packing/l1/press";
const ROWS_PER_FILE = 2_000;
const STATES = ["running", "down"];

/** Numbers from 0 to 1, the same for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

test(
  `killed ${KILLS} times at random, with a gateway that fails: nothing is lost, and nothing comes twice`,
  async () => {
    const chance = random(SEED);
    const port = await freePort();
    await mosquitto(temporaryFolder(), port);
    const folder = temporaryFolder();
    const files = temporaryFolder();
    let isReliable = false;
    const { url, accepted } = await gatewayAt(0, () => (isReliable ? 1 : chance()));
    writeFileSync(
      join(folder, "connections.yaml"),
      `connections:
  hall:
    protocol: mqtt
    url: mqtt://127.0.0.1:${port}
    clientId: oee-connect
    machines:
      ${FILLER}: { signals: { s: { topic: filler, value: s, at: t } }, state: s }
  exports:
    protocol: files
    folder: ${files}
    every: 50ms
    machines:
      ${PRESS}: { signals: { n: { value: n, at: $number(t) } }, deltas: { good: n } }
`,
    );
    const connect = (): ReturnType<typeof runOee> =>
      runOee([
        "connect",
        "--connections",
        join(folder, "connections.yaml"),
        "--url",
        url,
        "--data",
        join(folder, "data"),
      ]);
    const sender = await connectAsync(`mqtt://127.0.0.1:${port}`);
    onTestFinished(() => sender.endAsync(true));
    const from = Date.UTC(2026, 2, 2, 5);
    const today = Date.now() - 86_400_000;
    let messages = 0;
    const publish = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++, messages++) {
        const message = { s: STATES[messages % 2], t: from + 1000 * messages };
        await sender.publishAsync("filler", JSON.stringify(message), { qos: 1 });
      }
    };
    let rows = 0;
    const drop = (): void => {
      const lines = Array.from({ length: ROWS_PER_FILE }, () => `${from + rows++},1`);
      writeFileSync(join(folder, "next"), `t,n\n${lines.join("\n")}\n`);
      renameSync(join(folder, "next"), join(files, `${rows}.csv`));
    };
    let connector = connect();
    onTestFinished(() => void connector.end("SIGKILL"));
    await until("the subscription", () => connector.stderr().includes('"hall","msg":"connected"') || undefined);
    for (let kill = 0; kill < KILLS; kill++) {
      drop();
      const published = publish(100);
      await new Promise((resolve) => setTimeout(resolve, 1_500 * chance()));
      await connector.end("SIGKILL");
      await published;
      connector = connect();
    }
    isReliable = true;
    await publish(1);
    const statesOf = (): readonly Event[] =>
      // A state that lasts when a silence ends is said again then, which is today.
      accepted.filter(({ machine, at, state }) => machine === FILLER && state !== "unknown" && Date.parse(at) < today);
    const countsOf = (): readonly Event[] => accepted.filter(({ machine }) => machine === PRESS);
    await until(
      "all",
      () => (statesOf().length >= messages && countsOf().length >= rows) || undefined,
      30_000 + 2_000 * KILLS,
    ).catch(() => {
      // What is missing is told by what follows.
    });
    const states = statesOf();
    expect(states.map(({ at, state }) => state === STATES[((Date.parse(at) - from) / 1000) % 2])).not.toContain(false);
    expect(
      strange(
        states.map(({ at }) => (Date.parse(at) - from) / 1000),
        messages,
      ),
    ).toEqual([]);
    expect(
      strange(
        countsOf().map(({ at }) => Date.parse(at) - from),
        rows,
      ),
    ).toEqual([]);
  },
  120_000 + 15_000 * KILLS,
);
