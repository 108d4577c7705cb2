import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Delivery } from "./delivery.ts";
import { Outbox } from "./outbox.ts";

/** How many of a machine's newest ids the engine knows (CN-4). */
const IDS_KNOWN = 256;

test("CN-4: a batch whose answer was lost is sent again unchanged, with no more ids than the engine knows", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oee-delivery-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outbox = new Outbox({ folder, bytesMax: 1 << 20 });
  const events = Array.from({ length: 1_000 }, (_, i) => ({ machine: "m", json: JSON.stringify({ id: i }) }));
  await outbox.put(events, new Map());
  const batches: (readonly string[])[] = [];
  await new Promise<void>((resolve) => {
    let delivered = 0;
    const delivery = new Delivery({
      outbox,
      receiver: {
        deliver: (batch) => {
          batches.push(batch);
          return batches.length === 1 ? Promise.reject(new Error("the answer is lost")) : Promise.resolve([]);
        },
      },
      onDelivered: ({ length }) => {
        delivered += length;
        if (delivered === events.length) resolve();
      },
      onFailing: () => {},
    });
    onTestFinished(async () => {
      await delivery.close();
      await outbox.close();
    });
  });
  expect(batches[1]).toEqual(batches[0]);
  expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(IDS_KNOWN);
  expect(batches.slice(1).flat()).toEqual(events.map(({ json }) => json));
});

test("a machine whose state the receiver does not know is unknown from then on, and not in the state from before", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oee-delivery-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outbox = new Outbox({ folder, bytesMax: 1 << 20 });
  const stateOf = (state: string, second: number): string =>
    JSON.stringify({ type: "state", machine: "m", at: `2026-03-02T06:00:0${second}.000Z`, state });
  await outbox.put(
    [stateOf("running", 1), stateOf("Leerlauf", 2), stateOf("running", 3)].map((json) => ({ machine: "m", json })),
    new Map(),
  );
  const accepted: Record<string, unknown>[] = [];
  await new Promise<void>((resolve) => {
    const delivery = new Delivery({
      outbox,
      receiver: {
        deliver: (batch) => {
          const isKnown = (json: string): boolean => !json.includes("Leerlauf");
          accepted.push(...batch.filter(isKnown).map((json) => JSON.parse(json) as Record<string, unknown>));
          const refused = batch.filter((json) => !isKnown(json));
          return Promise.resolve(refused.map((json) => ({ json, code: "unknown-state", why: "" })));
        },
      },
      onDelivered: () => {
        if (outbox.waiting.events === 0) resolve();
      },
      onFailing: () => {},
    });
    onTestFinished(async () => {
      await delivery.close();
      await outbox.close();
    });
  });
  expect(accepted.map(({ state, at }) => [state, at])).toEqual([
    ["running", "2026-03-02T06:00:01.000Z"],
    ["running", "2026-03-02T06:00:03.000Z"],
    ["unknown", "2026-03-02T06:00:02.000Z"],
  ]);
});
