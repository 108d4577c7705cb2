/**
 * Writes records of which the store may refuse some for what they are: those are found by halving and left out, so that
 * one bad record holds up no other. A refusal that speaks of the table or the server, and what passes by itself, is thrown.
 */
import { StoreError } from "@oee/store";

interface Sliceable<R> {
  readonly length: number;
  slice(from: number, to: number): R;
}

/** Records of `[from, to)` that the store refuses, and why. */
export interface Refused {
  readonly from: number;
  readonly to: number;
  readonly error: StoreError;
}

/** After so many refusals what is left of a half is left out as a whole. */
const REFUSED_MAX = 256;
/** ClickHouse refuses so many on end, and takes none: then it is not the records. */
const REFUSED_ON_END_MAX = 16;
const NONE: readonly Refused[] = [];

export async function storeApart<R extends Sliceable<R>>(
  records: R,
  write: (records: R) => Promise<void>,
): Promise<readonly Refused[]> {
  if (records.length === 0) return NONE;
  const whole = await refusalOf(() => write(records));
  if (whole === null) return NONE;
  const refused: Refused[] = [];
  let stored = false;
  const halve = async (from: number, to: number, error: StoreError): Promise<void> => {
    if (to - from === 1 || refused.length >= REFUSED_MAX) {
      refused.push({ from, to, error });
      if (!stored && error.code !== "OEE_STORE_INVALID" && refused.length >= REFUSED_ON_END_MAX) throw whole;
      return;
    }
    const middle = (from + to) >> 1;
    for (const [first, end] of [
      [from, middle],
      [middle, to],
    ] as const) {
      const found = await refusalOf(() => write(records.slice(first, end)));
      if (found === null) stored = true;
      else await halve(first, end, found);
    }
  };
  await halve(0, records.length, whole);
  if (!stored && refused.some(({ error }) => error.code !== "OEE_STORE_INVALID")) throw whole;
  return refused;
}

/** Why the store does not take what is written, as long as that does not pass; `null`: it took it. Throws all else. */
async function refusalOf(write: () => Promise<void>): Promise<StoreError | null> {
  try {
    await write();
    return null;
  } catch (error) {
    if (error instanceof StoreError && (error.code === "OEE_STORE_INVALID" || error.code === "OEE_STORE_REFUSED"))
      return error;
    throw error;
  }
}
