/** JSON lines as rows, and a stream of them as batches of rows. A stream that breaks off, or a line that is no JSON, is an error. */
import type { Readable } from "node:stream";
import { GiveWay } from "@oee/pacing";
import { StoreError, storeErrorOf } from "./store-error.ts";
import type { Fold } from "./transport.ts";

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

/** What becomes of all rows of a bounded answer. */
export async function foldLines<T extends unknown[], R>(text: string, { start, take }: Fold<T, R>): Promise<R> {
  const into = start();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  await eachLine(text, (row) => take(into, row as T));
  return into;
}

/** All rows of a bounded answer. */
export async function rowsOfLines<T>(text: string): Promise<T[]> {
  const rows: T[] = [];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  await eachLine(text, (row) => rows.push(row as T));
  return rows;
}

async function eachLine(text: string, take: (row: unknown) => void): Promise<void> {
  const giveWay = new GiveWay();
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    if (end > at) take(JSON.parse(text.slice(at, end)));
    at = end + 1;
    if (giveWay.due) await giveWay.now();
  }
}

function brokenOff(doing: string, cause: unknown): StoreError {
  return new StoreError("OEE_STORE_UNAVAILABLE", `could not ${doing}: the answer broke off`, {
    cause,
    retryable: true,
  });
}
