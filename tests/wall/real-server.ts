/**
 * What the tests of the wall before the real server share: `oee start` as a process of its own on a data folder of its own,
 * and events by HTTP. Server and folder go when the test ends.
 */
import { writeFileSync } from "node:fs";
import { expect, onTestFinished } from "vitest";
import { type Folder, newFolder, type OeeProcess, postLines, runOee, until } from "../live/oee-process.ts";
import { signInTo } from "../support/sign-in.ts";

/** For what takes a moment on a quiet machine. */
export const PATIENCE = { timeout: 240_000 };

export interface Server {
  readonly url: string;
  readonly process: OeeProcess;
}

/** A folder that goes when the test ends: made before the server that writes into it, it is removed after that has ended. */
export function folderOfTest(): Folder {
  const folder = newFolder();
  onTestFinished(folder.remove);
  return folder;
}

/** Arguments for that plant file on a data folder of its own. */
export function argumentsFor(plant: string): readonly string[] {
  const folder = folderOfTest();
  const file = folder.path("plant.yaml");
  writeFileSync(file, plant);
  return ["--plant", file, "--data", folder.path("data")];
}

/** Resolves once it says that it listens. */
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

export async function send(url: string, ...events: readonly object[]): Promise<void> {
  const { status, body } = await postLines(
    url,
    events.map((event) => JSON.stringify(event)),
  );
  expect({ status, ...body }).toMatchObject({ status: 202, accepted: events.length, refused: 0 });
}
