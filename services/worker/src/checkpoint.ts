/** A machine's snapshot as the value of its record on the checkpoints topic. */
import { deserialize, serialize } from "node:v8";
import type { RunnerSnapshot } from "./machine-runner.ts";

const FORMAT = 1;

export function encodeCheckpoint(snapshot: RunnerSnapshot): Uint8Array {
  return Buffer.concat([Buffer.from([FORMAT]), serialize(snapshot)]);
}

/** `null`: unknown or damaged; the machine is then computed from its events. */
export function decodeCheckpoint(bytes: Uint8Array): RunnerSnapshot | null {
  if (bytes[0] !== FORMAT) return null;
  try {
    return deserialize(bytes.subarray(1)) as RunnerSnapshot;
  } catch {
    return null;
  }
}
