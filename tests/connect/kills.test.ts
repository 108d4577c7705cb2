/**
 * `oee connect` is killed again and again at random, while a machine publishes and files come. In the end each row and each change
 * has arrived once, by the ids that the engine knows repeats by (CN-4), and in order, except for new events beside a backlog.
 * OEE_CONNECT_KILLS says how often (3; 50 for a change of the connector), OEE_CRASH_SEED where the random choices begin.
 */
import { expect, onTestFinished, test } from "vitest";
import { runOee, until } from "../live/oee-process.ts";
import { FILLER } from "./connector.ts";
import { type Event, gatewayAt, strange } from "./gateway.ts";
import { machineAndFiles, PRESS } from "./machine-and-files.ts";

const KILLS = Number(process.env["OEE_CONNECT_KILLS"] ?? 3);
const SEED = Number(process.env["OEE_CRASH_SEED"] ?? 1);
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
    const { options, publish, drop } = await machineAndFiles(
      "{ signals: { s: { topic: filler, value: s, at: t } }, state: s }",
    );
    let isReliable = false;
    const { url, accepted } = await gatewayAt(0, () => (isReliable ? 1 : chance()));
    const connect = (): ReturnType<typeof runOee> => runOee([...options, "--url", url]);
    const from = Date.UTC(2026, 2, 2, 5);
    const today = Date.now() - 86_400_000;
    let messages = 0;
    const publishMany = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++, messages++) {
        await publish({ s: STATES[messages % 2], t: from + 1000 * messages });
      }
    };
    let rows = 0;
    const dropMany = (): void => {
      const lines = Array.from({ length: ROWS_PER_FILE }, () => `${from + rows++},1`);
      drop(String(rows), lines);
    };
    let connector = connect();
    onTestFinished(() => void connector.end("SIGKILL"));
    await until("the subscription", () => connector.stderr().includes('"hall","msg":"connected"') || undefined);
    for (let kill = 0; kill < KILLS; kill++) {
      dropMany();
      const published = publishMany(100);
      await new Promise((resolve) => setTimeout(resolve, 1_500 * chance()));
      await connector.end("SIGKILL");
      await published;
      connector = connect();
    }
    isReliable = true;
    await publishMany(1);
    const statesOf = (): readonly Event[] =>
      // A state that goes on when a silence ends is sent again at that instant, which is today.
      accepted.filter(({ machine, at, state }) => machine === FILLER && state !== "unknown" && Date.parse(at) < today);
    const countsOf = (): readonly Event[] => accepted.filter(({ machine }) => machine === PRESS);
    await until(
      "all",
      () => (statesOf().length >= messages && countsOf().length >= rows) || undefined,
      240_000 + 2_000 * KILLS,
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
  600_000 + 15_000 * KILLS,
);
