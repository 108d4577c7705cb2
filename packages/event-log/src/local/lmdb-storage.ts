/**
 * Storage on LMDB. A write is one transaction; its promise resolves after LMDB has written the pages, called `fdatasync`
 * and written its meta page synchronously, all off the event loop (`overlappingSync: false`). What was acknowledged
 * survives SIGKILL, and power failure as far as the disk keeps what it says it has. A transaction that fails leaves
 * everything before it as it was, and the next one may succeed.
 */
import { type Database, open, type RootDatabase } from "lmdb";
import { LogError } from "../error.ts";
import { commitCauseOf, DiskRoom, NoRoom } from "./disk-room.ts";
import { type Change, endsBefore, type PartitionId, type Storage, type StoredBatch } from "./storage.ts";

/** More than one write of a topic has. */
const LAYOUT_BYTES = 8 * 1024 * 1024;
/** Of the files that are made; lmdb takes it, its types do not name it. */
const OWN_FILES = { permissionsMode: 0o600 };
const OFFSET_MAX = Number.MAX_SAFE_INTEGER;

export class LmdbStorage implements Storage {
  readonly #room: DiskRoom;
  readonly #root: RootDatabase;
  /** Partition and base offset → record batch. */
  readonly #batches: Database<Buffer, Buffer>;
  /** Partition and key → offset of the newest record. */
  readonly #keys: Database<Buffer, Buffer>;
  readonly #texts: Database<string, string>;
  /** Batches of writes under way; LMDB has copied them when their write ends. */
  readonly #layout = Buffer.allocUnsafeSlow(LAYOUT_BYTES);
  #laidOut = 0;
  #writing = 0;

  constructor(path: string) {
    // batching by event turn makes a promise that nobody can handle, and a failed commit rejects it
    this.#root = open({ path, overlappingSync: false, eventTurnBatching: false, maxDbs: 3, ...OWN_FILES });
    this.#room = new DiskRoom(path, this.#root);
    this.#batches = this.#root.openDB({ name: "batches", encoding: "binary", keyEncoding: "binary" });
    this.#keys = this.#root.openDB({ name: "keys", encoding: "binary", keyEncoding: "binary" });
    this.#texts = this.#root.openDB({ name: "texts", encoding: "string" });
  }

  roomOf(bytes: number): Buffer {
    const from = this.#laidOut;
    if (from + bytes > LAYOUT_BYTES) return Buffer.allocUnsafe(bytes);
    this.#laidOut += bytes;
    return this.#layout.subarray(from, this.#laidOut);
  }

  async write(changes: readonly Change[]): Promise<void> {
    let added = 0;
    for (const change of changes) if (change.kind === "putBatch") added += change.bytes.length;
    this.#writing++;
    try {
      await this.#room.during(added, changes.length, () =>
        this.#batches.batch(() => {
          // the promise of the batch tells for each of its operations
          for (const change of changes) this.#apply(change).catch(() => {});
        }),
      );
    } catch (error) {
      if (error instanceof NoRoom) throw new LogError("OEE_LOG_FULL", `${error.message}: free some space`);
      throw await commitCauseOf(error);
    } finally {
      if (--this.#writing === 0) this.#laidOut = 0;
    }
  }

  readBatches(partition: PartitionId, offset: number, bytesMax: number): StoredBatch[] {
    const [holding] = this.#batches.getKeys({
      start: batchKey(partition, offset),
      end: batchKey(partition, 0),
      inclusiveEnd: true,
      reverse: true,
      limit: 1,
    });
    const read: StoredBatch[] = [];
    let bytes = 0;
    const range = { start: holding ?? batchKey(partition, offset), end: batchKey(partition, OFFSET_MAX) };
    for (const { key, value } of this.#batches.getRange(range)) {
      const batch = { baseOffset: Number(key.readBigUInt64BE(4)), bytes: value };
      if (endsBefore(batch, offset)) continue;
      if (read.length > 0 && bytes + value.length > bytesMax) break;
      read.push(batch);
      bytes += value.length;
    }
    return read;
  }

  bytesAt(partition: PartitionId, baseOffset: number): number {
    // A buffer that the next read fills again: it is not copied.
    return this.#batches.getBinaryFast(batchKey(partition, baseOffset))?.length ?? 0;
  }

  batchAfter(partition: PartitionId, offset: number): number | undefined {
    const start = batchKey(partition, offset + 1);
    const [next] = this.#batches.getKeys({ start, end: batchKey(partition, OFFSET_MAX), limit: 1 });
    return next === undefined ? undefined : Number(next.readBigUInt64BE(4));
  }

  offsetOfKey(partition: PartitionId, key: Buffer): number | undefined {
    const offset = this.#keys.get(keyKey(partition, key));
    return offset === undefined ? undefined : Number(offset.readBigUInt64BE(0));
  }

  *texts(prefix: string): Iterable<readonly [string, string]> {
    for (const { key, value } of this.#texts.getRange({ start: prefix, end: `${prefix}\u{10ffff}` })) {
      yield [key, value];
    }
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  #apply(change: Change): Promise<unknown> {
    switch (change.kind) {
      case "putBatch":
        return this.#batches.put(batchKey(change.partition, change.baseOffset), change.bytes);
      case "deleteBatch":
        return this.#batches.remove(batchKey(change.partition, change.baseOffset));
      case "putKey":
        return this.#keys.put(keyKey(change.partition, change.key), uint64(change.offset));
      case "deleteKey":
        return this.#keys.remove(keyKey(change.partition, change.key));
      case "putText":
        return this.#texts.put(change.name, change.text);
    }
  }
}

function batchKey(partition: PartitionId, offset: number): Buffer {
  const key = Buffer.alloc(12);
  key.writeUInt32BE(partition, 0);
  key.writeBigUInt64BE(BigInt(offset), 4);
  return key;
}

function keyKey(partition: PartitionId, key: Buffer): Buffer {
  const whole = Buffer.alloc(4 + key.length);
  whole.writeUInt32BE(partition, 0);
  key.copy(whole, 4);
  return whole;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
