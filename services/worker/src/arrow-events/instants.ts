/** Instants of Arrow columns in any unit, as epoch ms, without a bigint for each. */
import { type Data, type Timestamp, TimeUnit } from "apache-arrow";

export const UINT32: number = 2 ** 32;
const PER_MS = { [TimeUnit.MICROSECOND]: 1_000, [TimeUnit.NANOSECOND]: 1_000_000 } as const;

/** The 64-bit integers of a column, of each its lower half, then its upper half. */
export function halvesOf({ values }: Data): Int32Array {
  const { buffer, byteOffset, length } = values as BigInt64Array;
  return new Int32Array(buffer, byteOffset, 2 * length);
}

/** What is finer than a millisecond is cut (P-2). Throws Error for an instant that no double holds. */
export function instantsOf(data: Data<Timestamp>): (row: number) => number {
  const halves = halvesOf(data);
  const { unit } = data.type;
  if (unit === TimeUnit.SECOND || unit === TimeUnit.MILLISECOND) {
    const ms = unit === TimeUnit.SECOND ? 1000 : 1;
    return (row) => held((upper(halves, row) * UINT32 + lower(halves, row)) * ms);
  }
  const parts = PER_MS[unit];
  return (row) => {
    const high = upper(halves, row);
    const ofHigh = Math.floor(high / parts);
    // Less than 2^53, whatever the halves are.
    const rest = (high - ofHigh * parts) * UINT32 + lower(halves, row);
    const ofRest = Math.floor(rest / parts);
    // A quotient close below a whole number may have been rounded up to it.
    return held(ofHigh * UINT32 + (ofRest * parts > rest ? ofRest - 1 : ofRest));
  };
}

function upper(halves: Int32Array, row: number): number {
  return halves[2 * row + 1] as number;
}

function lower(halves: Int32Array, row: number): number {
  return (halves[2 * row] as number) >>> 0;
}

function held(ms: number): number {
  if (!Number.isSafeInteger(ms)) throw new Error("found an instant beyond what milliseconds in a double can say");
  return ms;
}
