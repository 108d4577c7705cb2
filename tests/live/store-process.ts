/** ClickHouse behind HTTP as a process of its own, which can be killed at any moment and started again on the same port. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Fault } from "../../packages/store/test/http-front.ts";
import { freePort } from "../support/free-port.ts";

const PROGRAM = fileURLToPath(new URL("../../packages/store/test/http-front-process.ts", import.meta.url));

export interface StoreProcess {
  readonly url: string;
  /** Has each of the next requests fail in one way, in this order. */
  fail(...faults: readonly Fault[]): void;
  /** Whether requests are left without an answer from now on. */
  away(is: boolean): void;
  /** Kills the process at once, whatever it is doing, as a power cut does. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

export async function startStoreProcess(folder: string): Promise<StoreProcess> {
  const begin = async (port: number): Promise<readonly [ChildProcess, string]> => {
    const child = fork(PROGRAM, [folder, String(port)], { execArgv: ["--import", "tsx", "-C", "@oee/source"] });
    const ended = once(child, "exit").then(() => {
      throw new Error("the store ended before it listened");
    });
    const [message] = (await Promise.race([once(child, "message"), ended])) as [{ readonly url: string }];
    void ended.catch(() => undefined);
    return [child, message.url];
  };
  let [child, url] = await begin(await freePort());
  process.on("exit", () => child.kill("SIGKILL"));
  return {
    url,
    fail: (...faults) => void child.send({ fail: faults }),
    away: (is) => void child.send({ away: is }),
    async kill() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    async restart() {
      [child] = await begin(Number(new URL(url).port));
    },
  };
}
