/** The order in which events are sent that waited during an outage, and those that come afterwards. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Backlog } from "./backlog.ts";
import { Outbox, type WaitingEvent } from "./outbox.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "oee-backlog-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function put(outbox: Outbox, machine: string, from: number, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => ({ machine, json: `${machine} ${from + i}` }));
  await outbox.put(events, new Map());
}

const texts = (events: readonly WaitingEvent[], machine: string): readonly number[] =>
  events.flatMap(({ json }) => (json.startsWith(`${machine} `) ? [Number(json.split(" ")[1])] : []));

test("a machine with few events does not wait for the many of another, and each machine's events are sent in order", async () => {
  const outbox = new Outbox({ folder: temporaryFolder(), bytesMax: 1 << 24 });
  onTestFinished(() => outbox.close());
  await put(outbox, "many", 0, 10_000);
  await put(outbox, "few", 0, 1);
  const backlog = new Backlog(outbox, () => 0);
  const sent: number[] = [];
  for (let i = 0; i < 3; i++) {
    const batch = backlog.next();
    if (i === 0) expect(texts(batch, "few")).toEqual([0]);
    sent.push(...texts(batch, "many"));
    await outbox.remove(batch);
    await backlog.delivered();
  }
  expect(sent).toEqual(Array.from({ length: 600 }, (_, i) => i));
});

test("after an outage events are sent in order for a while, then new ones before those still waiting, also over a restart", async () => {
  const folder = temporaryFolder();
  let outbox = new Outbox({ folder, bytesMax: 1 << 24 });
  let now = 0;
  await put(outbox, "m", 0, 2_000);
  let backlog = new Backlog(outbox, () => now);
  backlog.failed();
  const go = async (): Promise<readonly number[]> => {
    const batch = backlog.next();
    await outbox.remove(batch);
    await backlog.delivered();
    return texts(batch, "m");
  };
  expect((await go()).at(0)).toBe(0);
  await put(outbox, "m", 2_000, 1);
  now = 6_000;
  // Catching up takes more than 5 s, so that events from here on are sent first.
  expect(await go()).toEqual(Array.from({ length: 200 }, (_, i) => 200 + i));
  await put(outbox, "m", 2_001, 2);
  const batch = backlog.next();
  expect(texts(batch, "m").slice(0, 4)).toEqual([2_001, 2_002, 400, 401]);
  // The process is killed before the batch's answer comes: the next one sends the same batch, whose events are repeats (CN-4).
  await outbox.close();
  outbox = new Outbox({ folder, bytesMax: 1 << 24 });
  onTestFinished(() => outbox.close());
  backlog = new Backlog(outbox, () => now);
  expect(texts(backlog.next(), "m")).toEqual(texts(batch, "m"));
  const rest: number[] = [];
  while (outbox.waiting.events > 0) rest.push(...(await go()));
  expect(rest.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1_603 }, (_, i) => 400 + i));
  // All waiting events were sent, so that new ones are sent in order again.
  await put(outbox, "m", 3_000, 300);
  expect([...(await go()), ...(await go())]).toEqual(Array.from({ length: 300 }, (_, i) => 3_000 + i));
});
