import { expect, test } from "vitest";
import { EventBatch, type EventHead } from "./event-batch.ts";

const HEAD: EventHead = {
  ...{ machine: "s/a/l/m", type: "count", at: 1, topic: "oee.events", partition: 0, offset: 0, index: 0 },
  ...{ receivedAt: 1, id: null, repeat: false },
};
const RAW = Buffer.from(JSON.stringify({ type: "count", machine: "s/a/l/m", at: 1, good: 1 }));

function fill(batch: EventBatch, events: number): void {
  for (let offset = 0; offset < events; offset++) batch.add({ ...HEAD, offset }, RAW, 0, RAW.length);
}

/** How many bytes of original events the batch has memory for. */
function roomIn(batch: EventBatch): number {
  return batch.raw.buffer.byteLength;
}

test("memory for a large write is given back when later writes are small for ten seconds, and kept when some are large", () => {
  let now = 0;
  const batch = new EventBatch(undefined, () => now);
  const first = roomIn(batch);
  fill(batch, 50_000);
  const room = roomIn(batch);
  expect(room).toBeGreaterThan(50_000 * RAW.length - 1);
  for (let write = 0; write < 100; write++) {
    now += 900;
    batch.clear();
    fill(batch, write % 10 === 0 ? 20_000 : 100);
    expect(roomIn(batch)).toBe(room);
  }
  // While little happens a write follows the other after a quarter of a minute, and empties the batch before it twice.
  for (let write = 0; write < 2; write++) {
    now += 15_000;
    batch.clear();
    batch.clear();
    fill(batch, 100);
  }
  expect(roomIn(batch)).toBeLessThanOrEqual(2 * Math.max(first, 100 * RAW.length));
  expect(batch.length).toBe(100);
  expect(batch.placeAt(99)).toEqual({ machine: "s/a/l/m", at: 1, key: "event 0 99 0" });
});

test("originals of any length, wherever they lie, are kept byte for byte", () => {
  const source = Buffer.from(Array.from({ length: 1_000 }, (_, i) => (i * 7 + 13) % 256));
  const batch = new EventBatch(1);
  const parts: Buffer[] = [];
  for (const length of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 101, 127, 128, 255, 256, 257, 600]) {
    for (const start of [0, 1, 2, 3, 399]) {
      batch.add(HEAD, source, start, start + length);
      // In memory of its own, where it begins at an odd place.
      const part = Buffer.concat([Buffer.alloc(3), source]).subarray(3 + start, 3 + start + length);
      batch.add(HEAD, part, 0, length);
      parts.push(part, part);
    }
  }
  // Each behind its length, of which the low seven bits come first.
  const lengths = parts.map(({ length }) => Buffer.from(length < 128 ? [length] : [(length & 127) | 128, length >> 7]));
  expect(Buffer.compare(batch.raw, Buffer.concat(parts.flatMap((part, i) => [lengths[i] ?? part, part])))).toBe(0);
  expect(parts.map((_, i) => batch.rawLengthAt(i))).toEqual(parts.map(({ length }) => length + (length < 128 ? 1 : 2)));
});
