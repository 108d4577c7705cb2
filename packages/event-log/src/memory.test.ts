import { describe, expect, test } from "vitest";
import { bytes, conformance, gate, numbered, Receiver, topicSpec } from "./conformance.ts";
import { LogError } from "./error.ts";
import { LocalLog } from "./local/local-log.ts";
import { strangeOf } from "./local/strange.fixture.ts";
import { MemoryStorage } from "./local/memory-storage.ts";
import { damageNewest } from "./local/damage.fixture.ts";
import { type MemoryLog, openMemoryLog } from "./memory.ts";
import { silentLogger } from "./port.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

let shared: MemoryLog | null = null;
let storage = new MemoryStorage();
let later = 0;
const damage = (change: (batch: Buffer) => void): Promise<void> => damageNewest(storage, change);
conformance("memory", {
  open: async () => {
    const now = (): number => Date.now() + later;
    const writeError = (error: unknown): LogError => new LogError("OEE_LOG_APPEND_FAILED", String(error), error);
    const options = { logger: silentLogger, now, bytesMax: Infinity, writeError, cleanIntervalMs: null };
    shared ??= new LocalLog(storage, options);
    return shared;
  },
  clear: async () => {
    shared = null;
    storage = new MemoryStorage();
    later = 0;
  },
  strange: strangeOf(damage, async () => {
    later += 2 * DAY_MS;
    await shared?.clean();
  }),
  damage: () => (_, change) => damage(change),
});

describe("memory: faults", () => {
  test("an append that fails before it is written is not in the log; one whose acknowledgement is lost is", async () => {
    const spec = topicSpec({ partitions: 1 });
    let fault: "before" | "after" | null = "before";
    const fail = (when: string): void => {
      if (fault === when) throw new Error(`fails ${when}`);
    };
    const log = openMemoryLog({ faults: { beforeAppend: () => fail("before"), afterAppend: () => fail("after") } });
    await log.ensureTopics([spec]);
    await expect(log.append(spec.name, [{ key: "k", value: bytes("1") }])).rejects.toThrow("fails before");
    fault = "after";
    await expect(log.append(spec.name, [{ key: "k", value: bytes("2") }])).rejects.toThrow("fails after");
    fault = null;
    await log.append(spec.name, [{ key: "k", value: bytes("3") }]);
    const receiver = new Receiver();
    log.consume(receiver.options(spec.name, "g"));
    await receiver.records(2);
    expect(receiver.values()).toEqual(["2", "3"]);
    await log.close();
  });

  test("a commit can be refused and a batch delivered twice", async () => {
    const spec = topicSpec({ partitions: 1 });
    let refusals = 1;
    let twice = true;
    const log = openMemoryLog({
      faults: {
        beforeCommit() {
          if (refusals > 0) {
            refusals -= 1;
            throw new Error("commit refused");
          }
        },
        redeliver: () => {
          const now = twice;
          twice = false;
          return now;
        },
      },
    });
    await log.ensureTopics([spec]);
    await log.append(spec.name, numbered(2));
    const receiver = new Receiver();
    const consumer = log.consume(receiver.options(spec.name, "g"));
    await receiver.records(4);
    expect(receiver.values()).toEqual(["0", "1", "0", "1"]);
    const commit = () => consumer.commit([{ topic: spec.name, partition: 0, offset: 2 }]);
    await expect(commit()).rejects.toThrow("commit refused");
    await commit();
    await log.close();
  });
});

describe("memory: bounds and retention", () => {
  test("appends beyond bytesMax are refused with OEE_LOG_FULL, and earlier records stay", async () => {
    const spec = topicSpec({ partitions: 1 });
    const log = openMemoryLog({ bytesMax: 1_000 });
    await log.ensureTopics([spec]);
    await log.append(spec.name, [{ key: "k", value: Buffer.alloc(800) }]);
    await expect(log.append(spec.name, [{ key: "k", value: Buffer.alloc(200) }])).rejects.toMatchObject({
      code: "OEE_LOG_FULL",
    });
    await log.append(spec.name, [{ key: "k", value: Buffer.alloc(10) }]);
    const receiver = new Receiver();
    log.consume(receiver.options(spec.name, "g"));
    await receiver.records(2);
    await log.close();
  });

  test("retention deletes whole batches, the oldest first, by age and by bytes", async () => {
    let now = 1_000_000;
    const log = openMemoryLog({ now: () => now });
    const byAge = topicSpec({ partitions: 1, retentionMs: 1_000 });
    const byBytes = topicSpec({ partitions: 1, retentionBytes: 500 });
    await log.ensureTopics([byAge, byBytes]);
    for (let i = 0; i < 5; i += 1) {
      await log.append(byAge.name, numbered(2));
      await log.append(byBytes.name, [{ key: "k", value: Buffer.alloc(200, i) }]);
      now += 400;
    }
    expect(await log.clean()).toBe(false);
    const aged = new Receiver();
    log.consume(aged.options(byAge.name, "g"));
    await aged.records(4);
    expect(aged.received.map(({ offset }) => offset)).toEqual([6, 7, 8, 9]);
    const sized = new Receiver();
    log.consume(sized.options(byBytes.name, "g"));
    await sized.records(1);
    expect(sized.received.map(({ offset }) => offset)).toEqual([4]);
    await log.append(byBytes.name, numbered(1));
    await sized.records(2);
    expect(sized.received[1]?.offset).toBe(5);
    await log.close();
  });

  test("retention deletes at most a thousand batches a call", async () => {
    let now = 0;
    const log = openMemoryLog({ now: () => now });
    const spec = topicSpec({ partitions: 1, retentionMs: 1_000 });
    await log.ensureTopics([spec]);
    for (let i = 0; i < 1_500; i += 1) await log.append(spec.name, numbered(1));
    now = 10_000;
    expect([await log.clean(), await log.clean()]).toEqual([true, false]);
    await log.close();
  });

  test("a tombstone is deleted after a day; a follower that never gets it still catches up with the end", async () => {
    let now = 0;
    const log = openMemoryLog({ now: () => now });
    const spec = topicSpec({ partitions: 1, cleanup: "compact" });
    await log.ensureTopics([spec]);
    await log.append(spec.name, [{ key: "gone", value: bytes("1") }]);
    await log.append(spec.name, [{ key: "kept", value: bytes("1") }]);
    await log.append(spec.name, [{ key: "gone", value: null }]);
    const offsets = async (): Promise<number[]> => {
      const receiver = new Receiver();
      const caughtUp = gate();
      const onBatch = receiver.take.bind(receiver);
      const follower = log.followKeyed({ topic: spec.name, onBatch, onCaughtUp: caughtUp.open });
      await caughtUp.opened;
      await follower.close();
      return receiver.received.map(({ offset }) => offset);
    };
    await log.clean();
    expect(await offsets()).toEqual([1, 2]);
    now = 25 * 60 * 60 * 1000;
    await log.clean();
    expect(await offsets()).toEqual([1]);
    await log.append(spec.name, [{ key: "gone", value: bytes("2") }]);
    expect(await offsets()).toEqual([1, 3]);
    await log.close();
  });
});
