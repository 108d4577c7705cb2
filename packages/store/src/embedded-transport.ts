/**
 * ClickHouse inside this process (chdb), on a data folder that it owns alone. Statements run on libuv's threads, of which
 * there are four for the whole process: each of three connections runs one statement at a time and the rest waits
 * here, so that a heavy query holds up neither inserts nor the event loop's own files and names. A fourth only asks whether
 * the engine answers: behind queries that take seconds a store that works would pass for one that does not. An
 * acknowledged insert is on disk.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { once } from "node:events";
import { isMainThread } from "node:worker_threads";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { drainPending } from "chdb";
import { type ChdbConnection, createChdbConnection } from "chdb/connection";
import { type AnswerRows, nativeAnswer } from "./native-answer.ts";
import { rowsOfLines } from "./json-lines.ts";
import { Turn } from "@oee/pacing";
import { storeBusy, StoreError } from "./store-error.ts";
import {
  type ExportFormat,
  INSERT_SETTINGS,
  type BoundParameters,
  READ_SETTINGS,
  type Transport,
} from "./transport.ts";

const WAITING_MAX = 256;

/** One core stays free for the event loop, whatever is asked. */
const SETTINGS = `${READ_SETTINGS}, max_threads = ${Math.max(1, availableParallelism() - 1)}`;

/** chdb binds one data folder per process. */
let openFolder: string | null = null;

export async function connectEmbedded(options: { readonly path: string }): Promise<Transport> {
  const folder = resolve(options.path);
  if (openFolder !== null) {
    throw new StoreError(
      "OEE_STORE_IN_USE",
      `cannot open ${folder}: this process has ${openFolder} open, and can have one`,
    );
  }
  openFolder = folder;
  try {
    return await connect(folder);
  } catch (error) {
    openFolder = null;
    throw error;
  }
}

async function connect(folder: string): Promise<Transport> {
  const data = join(folder, "clickhouse");
  const spool = join(folder, "spool");
  // What people send may be no one else's business. ClickHouse makes its files as the process does.
  if (isMainThread) process.umask(process.umask() | 0o077);
  await mkdir(data, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new StoreError("OEE_STORE_OPEN_FAILED", `cannot make the data folder ${folder}`, { cause: error });
  });
  const first = await open(data);
  // Only now is the folder ours: what a killed process left in the spool can go.
  await rm(spool, { recursive: true, force: true });
  await mkdir(spool);
  const writing = lane(first);
  const reading = lane(createChdbConnection({ path: data }));
  const streaming = lane(createChdbConnection({ path: data }));
  const asking = lane(createChdbConnection({ path: data }));
  letCrashesEndTheProcess();
  let files = 0;
  const spoolFile = (): string => join(spool, `${++files}`);

  return {
    kind: "embedded",
    ping: async () => void (await asking.text("SELECT 1")),
    command: (sql, parameters) => writing.command(sql, parameters),
    rows: async <T>(sql: string, parameters?: BoundParameters) => rowsOfLines<T>(await reading.text(sql, parameters)),
    columns: (sql, parameters) => reading.columns(sql, parameters),
    async insert(into, native) {
      const file = spoolFile();
      try {
        await writePieces(file, native);
        await writing.command(
          `INSERT INTO ${into} FROM INFILE ${quoted(file)} SETTINGS ${INSERT_SETTINGS} FORMAT Native`,
        );
      } finally {
        await rm(file, { force: true });
      }
    },
    /** Through a file: the result of any size leaves the engine at once and the reader takes its time. */
    async stream(sql: string, parameters: BoundParameters, format: ExportFormat): Promise<Readable> {
      const file = spoolFile();
      try {
        const target = `file(${quoted(file)}, '${format}')`;
        await streaming.command(`INSERT INTO FUNCTION ${target} ${sql}\nSETTINGS ${SETTINGS}`, parameters);
        const readable = createReadStream(file);
        await once(readable, "open");
        return readable;
      } finally {
        // The reader keeps what it has opened.
        await rm(file, { force: true });
      }
    },
    async close() {
      await Promise.all([writing.close(), reading.close(), streaming.close(), asking.close()]);
      await drainPending();
      await rm(spool, { recursive: true, force: true });
      openFolder = null;
    },
  };
}

const CRASHES: readonly NodeJS.Signals[] = [
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGILL",
  "SIGSEGV",
  "SIGSYS",
  "SIGTRAP",
  "SIGTSTP",
];

/**
 * The library handles the signals of a crash, and its handler waits for ever for a thread that only ClickHouse's server has:
 * a process that crashes, or runs out of memory, would stand still instead of ending, and nobody would start it again.
 * Taking a signal and leaving it alone gives it back its default action.
 */
function letCrashesEndTheProcess(): void {
  if (!isMainThread) return;
  const take = (): void => undefined;
  for (const signal of CRASHES) process.on(signal, take).off(signal, take);
}

/** All in one go, without joining them first. */
async function writePieces(file: string, pieces: readonly Uint8Array[]): Promise<void> {
  const out = createWriteStream(file);
  out.cork();
  for (const piece of pieces) out.write(piece);
  out.end();
  await finished(out);
}

type ClientConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>["connection"]>;

interface Lane {
  command(sql: string, parameters?: BoundParameters): Promise<void>;
  text(sql: string, parameters?: BoundParameters): Promise<string>;
  columns(sql: string, parameters: BoundParameters): Promise<AnswerRows>;
  close(): Promise<void>;
}

function lane(connection: ChdbConnection): Lane {
  const client = createClient({ connection: asClientConnection(connection), log: { level: ClickHouseLogLevel.OFF } });
  const turn = new Turn(WAITING_MAX, storeBusy);
  return {
    command: (query, parameters) =>
      turn.run(async () => {
        await client.command({ query, ...(parameters === undefined ? {} : { query_params: { ...parameters } }) });
      }),
    text: (sql, parameters) =>
      turn.run(async () => {
        const result = await client.query({
          query: `${sql}\nSETTINGS ${SETTINGS}`,
          format: "JSONEachRow",
          ...(parameters === undefined ? {} : { query_params: { ...parameters } }),
        });
        return result.text();
      }),
    columns: (sql, parameters) =>
      turn.run(async () => {
        const query = `${sql}\nSETTINGS ${SETTINGS}\nFORMAT Native`;
        const { stream } = await client.exec({ query, query_params: { ...parameters } });
        return nativeAnswer(stream, "query ClickHouse");
      }),
    async close() {
      await turn.idle();
      await client.close();
    },
  };
}

/** chdb is typed against another copy of the same interface, whose private members TypeScript tells apart. */
function asClientConnection(connection: ChdbConnection): ClientConnection {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return connection as unknown as ClientConnection;
}

async function open(data: string): Promise<ChdbConnection> {
  try {
    return createChdbConnection({ path: data });
  } catch (error) {
    // The engine gives no reason; who holds the folder stands in its `status` file.
    const owner = /^PID: (\d+)/m.exec(await readFile(join(data, "status"), "utf8").catch(() => ""))?.[1];
    if (owner !== undefined && Number(owner) !== process.pid && isAlive(Number(owner))) {
      const message = `the data folder ${data} is in use by process ${owner}; one process owns it at a time`;
      throw new StoreError("OEE_STORE_IN_USE", message, { cause: error });
    }
    throw new StoreError("OEE_STORE_OPEN_FAILED", `cannot open the data folder ${data}`, { cause: error });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
