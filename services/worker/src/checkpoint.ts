/** Encodes a machine's snapshot as the value of its record on `oee.checkpoints`: one byte of format, then V8's serialization. */
import { deserialize, serialize } from "node:v8";
import type { RunnerSnapshot } from "./machine-runner.ts";

const FORMAT = 1;

export function encodeCheckpoint(snapshot: RunnerSnapshot): Uint8Array {
  return Buffer.concat([Buffer.from([FORMAT]), serialize(snapshot)]);
}

/** `null`: the format is unknown or the bytes are damaged; the machine is then computed from stored events. */
export function decodeCheckpoint(bytes: Uint8Array): RunnerSnapshot | null {
  if (bytes[0] !== FORMAT) return null;
  try {
    return deserialize(bytes.subarray(1)) as RunnerSnapshot;
  } catch {
    return null;
  }
}
