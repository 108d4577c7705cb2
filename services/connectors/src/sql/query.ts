/**
 * One query of a PostgreSQL database, in a transaction that may only read. Each round has a connection of its own: none that is half dead is
 * ever waited for. Instants come as RFC 3339, local times as they are stored, whatever the process's time zone is.
 */
import pg from "pg";
import { decimalIn, tableRows } from "../picking/table-row.ts";
import type { SqlSettings } from "./settings.ts";

/** A query gives no more rows than this: it should ask for what is new or open. */
export const ROWS_MAX = 10_000;

/** What a query needs. */
export type Queried = Pick<SqlSettings, "url" | "password" | "query" | "timeoutMs">;

/** Throws where the database cannot be reached, refuses the query, or gives more than `ROWS_MAX` rows. */
export async function queriedRows(
  { url, password, query, timeoutMs }: Queried,
  signal: AbortSignal,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  signal.throwIfAborted();
  const client = new pg.Client({
    connectionString: url,
    ...(password === null ? {} : { password }),
    application_name: "oee connect",
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    types: { getTypeParser: parserOf },
  });
  // A connection that breaks between two statements; the next statement fails of it.
  client.on("error", () => {});
  const end = (): void => void client.end().catch(() => {});
  signal.addEventListener("abort", end, { once: true });
  try {
    await connected(client, signal);
    await client.query(
      `begin read only; set local datestyle to 'ISO'; set local timezone to 'UTC'; set local statement_timeout to ${timeoutMs}`,
    );
    // By the extended protocol, in which the database refuses a second statement behind the first.
    const declared = {
      text: `declare oee_rows no scroll cursor for ${query.trim().replace(/;$/, "")}`,
      queryMode: "extended",
    };
    await client.query(declared);
    const text = `fetch ${ROWS_MAX + 1} from oee_rows`;
    const { rows, fields } = await client.query<unknown[]>({ text, rowMode: "array" });
    if (rows.length > ROWS_MAX)
      throw new Error(`more than ${ROWS_MAX} rows: let the query ask for what is new or open`);
    return rows.map(tableRows(fields.map(({ name }) => name)));
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}

/** Rejects, too, when `signal` is aborted: pg never settles a connect in which its client is ended. */
async function connected(client: pg.Client, signal: AbortSignal): Promise<void> {
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => (onAbort = () => reject(new Error("closed while it connected"))));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([client.connect(), aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** How the text of a type is read. */
function parserOf(type: Parameters<typeof pg.types.getTypeParser>[0]): (text: string) => unknown {
  const { INT8, NUMERIC, DATE, TIMESTAMP, TIMESTAMPTZ } = pg.types.builtins;
  switch (type) {
    case INT8:
      return wholeOf;
    case NUMERIC:
      return decimalIn;
    case DATE:
      return (text) => text;
    case TIMESTAMP:
      return toMilliseconds;
    case TIMESTAMPTZ:
      return (text) => toMilliseconds(text).replace(" ", "T").replace(/\+00$/, "Z");
    default:
      return pg.types.getTypeParser(type, "text");
  }
}

/** A number where it can be one to the last digit. */
function wholeOf(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

function toMilliseconds(text: string): string {
  return text.replace(/(\.\d{3})\d+/, "$1");
}
