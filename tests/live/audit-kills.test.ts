/**
 * `oee start` is killed while entries come in: whatever was put in has its line on the topic of the audit, which is written first.
 * `OEE_AUDIT_KILLS` sets how often.
 */
import { writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { type EventLog, openEmbeddedLog, topics } from "@oee/event-log";
import { expect, test } from "vitest";
import { PLANT } from "../cli/oee.ts";
import { saidBy } from "../support/sign-in.ts";
import { newFolder, serve } from "./oee-process.ts";

const KILLS = Number(process.env["OEE_AUDIT_KILLS"] ?? 2);
const PER_POST = 1_000;
const { audit, entries } = topics("oee.", 1);

test(`of entries that were put in before ${KILLS} kills none lacks its line of the audit`, async () => {
  const folder = newFolder();
  // Without a plant file `oee start` simulates a plant beside the entries.
  writeFileSync(folder.path("plant.yaml"), PLANT);
  const args = ["start", "--plant", folder.path("plant.yaml"), "--data", folder.path("data")];
  for (let kill = 0; kill < KILLS; kill++) {
    const served = await serve(args);
    let answered = 0;
    const posting = (async () => {
      for (let post = 0; ; post++) {
        const body = Array.from({ length: PER_POST }, (_, i) => actionOf(`${kill}-${post}-${i}`));
        const headers = { "content-type": "application/json" };
        const answer = await fetch(`${served.url}/api/v1/entries`, {
          method: "POST",
          headers,
          body: JSON.stringify(body),
        });
        expect(answer.status).toBe(202);
        await answer.text();
        answered++;
      }
    })();
    // It ends by the kill.
    const over = posting.catch((error: unknown) => {
      if (!(error instanceof TypeError)) throw error;
    });
    await expect.poll(() => answered).toBeGreaterThan(0);
    // Somewhere within the next request.
    await wait(37 * (kill + 1));
    await served.end("SIGKILL");
    await over;
    const log = openEmbeddedLog({ folder: folder.path("data/log") });
    const told = new Set((await valuesOf(log, audit.name)).map(({ kind, what }) => `${String(kind)} ${String(what)}`));
    const put = (await valuesOf(log, entries.name)).filter(({ type }) => type === "action");
    await log.close();
    expect(put.length).toBeGreaterThanOrEqual(PER_POST);
    expect(put.map(({ id }) => `entry action/${String(id)}`).filter((line) => !told.has(line))).toEqual([]);
  }
});

function actionOf(id: string): object {
  return {
    ...{ type: "action", id, rev: 1, ...saidBy("ben"), scope: "*", title: "New belt guide" },
    ...{ addresses: "availability", opened: "2026-03-02" },
  };
}

/** The values of a topic of one partition, as JSON. */
async function valuesOf(log: EventLog, topic: string): Promise<readonly Record<string, unknown>[]> {
  const values: Record<string, unknown>[] = [];
  let tell: () => void = () => undefined;
  const caughtUp = new Promise<void>((resolve) => (tell = resolve));
  const follower = log.followKeyed({
    topic,
    onBatch: (batch) => {
      for (let i = 0; i < batch.length; i++) values.push(JSON.parse(batch.valueAt(i)?.toString() ?? "{}"));
    },
    onCaughtUp: () => tell(),
  });
  await caughtUp;
  await follower.close();
  return values;
}
