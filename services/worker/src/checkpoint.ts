/** Encodes a machine's snapshot as the value of its record on `oee.checkpoints`: one byte of format, then V8's serialization. */
import { DefaultDeserializer, Serializer } from "node:v8";
import type { RunnerSnapshot } from "./machine-runner.ts";

const FORMAT = 1;
const FORMAT_BYTE = Buffer.of(FORMAT);

/**
 * Typed arrays of the snapshot must have their memory to themselves: they are written with all of it, by V8 itself, where
 * `serialize` would call back for each.
 */
export function encodeCheckpoint(snapshot: RunnerSnapshot): Uint8Array {
  const serializer = new Serializer();
  serializer.writeRawBytes(FORMAT_BYTE);
  serializer.writeHeader();
  serializer.writeValue(snapshot);
  return serializer.releaseBuffer();
}

/** Bytes of the first block, and of the largest; a value of half a block and more stays where it is. */
const FIRST_BLOCK = 32 * 1024;
const BLOCK_MAX = 512 * 1024;

/**
 * Where checkpoints wait for what they include to be written. The serializer leaves each in memory of up to twice its size, which with
 * thousands of machines is tens of megabytes in small pieces.
 */
export class CheckpointRoom {
  #block: Buffer = Buffer.alloc(0);
  #used = 0;

  /** A copy without spare memory, where it is worth it. */
  keep(value: Uint8Array): Uint8Array {
    const { length } = value;
    if (length > BLOCK_MAX / 2) return value;
    if (this.#used + length > this.#block.length) {
      const size = Math.min(BLOCK_MAX, Math.max(FIRST_BLOCK, 2 * this.#block.length));
      this.#block = Buffer.allocUnsafeSlow(Math.max(size, length));
      this.#used = 0;
    }
    const kept = this.#block.subarray(this.#used, this.#used + length);
    kept.set(value);
    this.#used += length;
    return kept;
  }
}

/** `null`: the format is unknown or the bytes are damaged; the machine is then computed from stored events. */
export function decodeCheckpoint(bytes: Uint8Array): RunnerSnapshot | null {
  if (bytes[0] !== FORMAT) return null;
  try {
    const snapshots = new Snapshots(bytes.subarray(1));
    snapshots.readHeader();
    return snapshots.readValue() as RunnerSnapshot;
  } catch {
    return null;
  }
}

/** What Node.js calls where a typed array was written by its `serialize`; its types leave it out. */
interface ReadsHostObjects {
  _readHostObject(this: DefaultDeserializer): unknown;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const { _readHostObject: readHostObject } = DefaultDeserializer.prototype as unknown as ReadsHostObjects;

/**
 * Reads what `serialize` wrote, too. It hands out typed arrays that are views of all that was read: they would keep it in
 * memory, and be written with it, so they are copied.
 */
class Snapshots extends DefaultDeserializer {
  _readHostObject(): unknown {
    const view = readHostObject.call(this);
    return ArrayBuffer.isView(view) && !(view instanceof DataView) ? (view as Float64Array).slice() : view;
  }
}
