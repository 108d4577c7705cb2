/** JSON lines as rows, and a stream of them as batches of rows. A stream that breaks off, or a line that is no JSON, is an error. */
import type { Readable } from "node:stream";
import { GiveWay } from "@oee/pacing";
import { StoreError, storeErrorOf } from "./store-error.ts";

/** `rowOf` makes a row of a line of JSON. */
export async function* jsonLines<R>(
  readable: Readable,
  doing: string,
  rowOf: (line: string) => R,
): AsyncGenerator<R[]> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of readable) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      if (lines.length > 0) yield lines.map(rowOf);
    }
  } catch (error) {
    // A server that fails in the middle of an answer writes its error where a row was to come.
    if (error instanceof SyntaxError) throw brokenOff(doing, error);
    throw storeErrorOf(error, doing);
  } finally {
    readable.destroy();
  }
  if (rest !== "") throw brokenOff(doing, rest);
}

/** All rows of a bounded answer. */
export async function rowsOfLines<T>(text: string): Promise<T[]> {
  const rows: T[] = [];
  const giveWay = new GiveWay();
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    if (end > at) rows.push(JSON.parse(text.slice(at, end)) as T);
    at = end + 1;
    if (giveWay.due) await giveWay.now();
  }
  return rows;
}

function brokenOff(doing: string, cause: unknown): StoreError {
  return new StoreError("OEE_STORE_UNAVAILABLE", `could not ${doing}: the answer broke off`, {
    cause,
    retryable: true,
  });
}
