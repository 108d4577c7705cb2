import { describe, expect, test } from "vitest";
import { AppendQueue } from "./append-queue.ts";
import { gate } from "./conformance.ts";
import type { AppendRecord } from "./port.ts";

const LIMITS = { waitingBytesMax: 1_000, writeRecordsMax: 4, writeBytesMax: 500 };
const records = (count: number, bytes = 1): AppendRecord[] =>
  Array.from({ length: count }, () => ({ key: null, value: Buffer.alloc(bytes) }));

describe("append queue", () => {
  test("appends that come during a write go into the next writes together, in order and within the limits", async () => {
    const writes: number[][] = [];
    const first = gate();
    const queue = new AppendQueue(async (batch) => {
      writes.push(batch.map(({ value }) => value?.length ?? 0));
      if (writes.length === 1) await first.opened;
    }, LIMITS);
    const appends = [queue.append(records(1, 1))];
    await Promise.resolve();
    appends.push(queue.append(records(1, 2)), queue.append(records(2, 3)), queue.append(records(6, 4)));
    first.open();
    await Promise.all(appends);
    expect(writes).toEqual([[1], [2, 3, 3, 4], [4, 4, 4, 4], [4]]);
    expect([queue.waitingBytes, queue.waitingRecords]).toEqual([0, 0]);
  });

  test("an append beyond the bound of waiting bytes is refused; one that is larger is taken where nothing waits", async () => {
    const release = gate();
    const queue = new AppendQueue(() => release.opened, LIMITS);
    const large = queue.append(records(1, 5_000));
    await expect(queue.append(records(1))).rejects.toMatchObject({ code: "OEE_LOG_QUEUE_FULL" });
    release.open();
    await large;
    await queue.append(records(1));
  });

  test("a write that fails refuses the appends in it and no others", async () => {
    let writes = 0;
    const queue = new AppendQueue(async () => {
      writes += 1;
      if (writes === 1) throw new Error("no");
    }, LIMITS);
    const results = await Promise.allSettled([queue.append(records(6)), queue.append(records(4))]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    await queue.idle();
    expect(queue.waitingBytes).toBe(0);
  });
});
