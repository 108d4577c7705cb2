/**
 * Writes records to the store apart from those that it refuses for what they are: when a write is refused it is halved
 * until the bad records are found and left out, so that one bad record holds up no other. Errors that a retry may cure,
 * and refusals of all records (the table or the server is at fault), are thrown.
 */
import { StoreError } from "@oee/store";

interface Sliceable<R> {
  readonly length: number;
  slice(from: number, to: number): R;
}

/** The records at `[from, to)` that the store refused, and why. */
export interface Refused {
  readonly from: number;
  readonly to: number;
  readonly error: StoreError;
}

/** After this many refusals a half that is refused is left out as a whole, without halving it further. */
const REFUSED_MAX = 256;
/** When ClickHouse has refused this many and taken none, the records are not at fault, and the error is thrown. */
const REFUSED_ON_END_MAX = 16;
const NONE: readonly Refused[] = [];

/** Calls `write` with as many records as the store takes; resolves with the refused ones. Throws all other errors of `write`. */
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

/** The error by which the store refuses what is written; `null`: it took it. Throws all other errors. */
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
