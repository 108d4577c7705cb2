/**
 * The gateway is away for an hour of the machine's time, and `oee connect` is killed in the middle of it: messages that the machine
 * published and rows of files wait on disk, and arrive once and in order when the gateway is back. OEE_CONNECT_AWAY_SECONDS says how
 * long the gateway is away by the clock (0: as long as publishing takes).
 */
import { expect, onTestFinished, test } from "vitest";
import { runOee, until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { FILLER } from "./connector.ts";
import { gatewayAt, strange } from "./gateway.ts";
import { machineAndFiles, PRESS } from "./machine-and-files.ts";

const AWAY_MS = 1_000 * Number(process.env["OEE_CONNECT_AWAY_SECONDS"] ?? 0);
const SECONDS = 3_600;
const FROM = Date.UTC(2026, 2, 2, 5);

test(
  "the gateway is away for an hour and the connector is killed meanwhile: nothing is lost, and nothing comes twice",
  async () => {
    const { options, publish, drop } = await machineAndFiles(
      "{ signals: { n: { topic: filler, value: n, at: t } }, totals: { good: n } }",
    );
    const gatewayPort = await freePort();
    const connect = async (): Promise<ReturnType<typeof runOee>> => {
      const connector = runOee([...options, "--url", `http://127.0.0.1:${gatewayPort}`]);
      onTestFinished(() => void connector.end("SIGKILL"));
      await until("the connection", () => connector.stderr().includes('"hall","msg":"connected"') || undefined);
      return connector;
    };
    const say = async (from: number, to: number): Promise<void> => {
      const rows = Array.from({ length: to - from }, (_, i) => `${FROM + 1000 * (from + i)},1`);
      drop(String(from), rows);
      for (let n = from; n < to; n++) {
        await publish({ n, t: FROM + 1000 * n });
        if (AWAY_MS > 0) await new Promise((resolve) => setTimeout(resolve, AWAY_MS / SECONDS));
      }
    };
    const first = await connect();
    await say(0, SECONDS / 3);
    await until("the word that events wait", () => first.stderr().includes("they cannot be delivered") || undefined);
    await first.end("SIGKILL");
    // The broker keeps what is published while no connector runs.
    await say(SECONDS / 3, SECONDS / 2);
    await connect();
    await say(SECONDS / 2, SECONDS);
    const { accepted } = await gatewayAt(gatewayPort, () => 1);
    const secondsOf = (machine: string): readonly number[] =>
      accepted.filter((event) => event.machine === machine).map(({ at }) => (Date.parse(at) - FROM) / 1000);
    const isAll = (): boolean => [FILLER, PRESS].every((machine) => secondsOf(machine).length >= SECONDS);
    await until("all", () => isAll() || undefined).catch(() => {
      // What is missing is told by what follows.
    });
    expect(strange(secondsOf(FILLER), SECONDS)).toEqual([]);
    expect(strange(secondsOf(PRESS), SECONDS)).toEqual([]);
  },
  600_000 + 2 * AWAY_MS,
);
