/**
 * Shared by the wall's tests with the real server: starts `oee start` as a process of its own on a data folder of its own, and sends
 * events by HTTP. Server and folder are removed when the test ends.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, onTestFinished } from "vitest";
import { type Folder, newFolder, type OeeProcess, postLines, runOee, until } from "../live/oee-process.ts";
import { signInTo } from "../support/sign-in.ts";

/** Timeout of waits, in ms: they take a moment on a quiet machine. */
export const PATIENCE = { timeout: 240_000 };

export interface Server {
  readonly url: string;
  readonly process: OeeProcess;
}

/** A folder that is removed when the test ends. Make it before the server that writes into it: it is then removed after that server has ended. */
export function folderOfTest(): Folder {
  const folder = newFolder();
  onTestFinished(folder.remove);
  return folder;
}

/** Writes the plant file; returns arguments of `oee start` for it and for a new data folder. */
export function argumentsFor(plant: string): readonly string[] {
  const folder = folderOfTest();
  const file = folder.path("plant.yaml");
  writeFileSync(file, plant);
  return ["--plant", file, "--data", folder.path("data")];
}

/** Starts `oee start`; resolves once it has printed its address. */
export async function start(port: number, ...args: readonly string[]): Promise<Server> {
  const process = runOee(["start", ...args, "--port", String(port), "--log-level", "warn"]);
  onTestFinished(async () => void (await process.end("SIGKILL")));
  let ended = false;
  void process.ended.then(() => (ended = true));
  const url = await until(`oee start on port ${port}`, () => {
    if (ended) throw new Error(`oee start ended: ${process.stderr()}`);
    return /http:\/\/[0-9.]+:[0-9]+/.exec(process.stdout())?.[0];
  });
  await signInTo(url);
  return { url, process };
}

/** Processor time (ms) of all threads of a process since its start, which other processes do not lengthen; in Linux's ticks of 10 ms. */
export function processorMsOf({ pid }: OeeProcess): number {
  const told = readFileSync(`/proc/${pid}/stat`, "utf8");
  // Behind the name, which may have spaces.
  const fields = told.slice(told.lastIndexOf(")") + 2).split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

export async function send(url: string, ...events: readonly object[]): Promise<void> {
  const { status, body } = await postLines(
    url,
    events.map((event) => JSON.stringify(event)),
  );
  expect({ status, ...body }).toMatchObject({ status: 202, accepted: events.length, refused: 0 });
}
