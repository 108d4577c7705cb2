/** Runs the connections of a file in this process. A changed file is applied; one with a problem changes nothing. */
import { type Connection, Connector, type ConnectorOptions } from "@oee/connectors";
import type { Logger } from "pino";
import { type FileWatch, watchFile } from "../live/file-watch.ts";
import { endAtOnce } from "../live/running.ts";

const OUTBOX_BYTES_MAX = 1024 ** 3;

export interface ConnectingOptions
  extends Pick<ConnectorOptions, "receiver" | "folder" | "outboxFolder" | "onMapped" | "recording"> {
  readonly file: string;
  /** Reads the file. Throws `Failure` where it is refused. */
  readonly load: () => Promise<readonly Connection[]>;
  readonly logger: Logger;
}

export interface Connecting {
  readonly connector: Connector;
  /** How often a changed file was refused. */
  readonly filesRefused: () => number;
  close(): Promise<void>;
}

/** Throws `Failure` where the file is refused at first. */
export async function startConnecting({ file, load, logger, ...options }: ConnectingOptions): Promise<Connecting> {
  const connector = new Connector({
    ...options,
    connections: await load(),
    outboxBytesMax: OUTBOX_BYTES_MAX,
    onMemoryDamaged: endAtOnce,
    clock: Date.now,
    log: (level, message, fields) => logger[level](fields, message),
  });
  let filesRefused = 0;
  let replacing: Promise<void> = Promise.resolve();
  const watch: FileWatch = watchFile(
    file,
    async () => {
      const connections = await load();
      replacing = connector.replace(connections);
      await replacing;
      logger.info({ file }, "connections file taken up");
    },
    (error) => {
      filesRefused++;
      const why = error instanceof Error ? error.message : String(error);
      logger.error({ code: "OEE_CONNECT_FILE_REFUSED", file }, why);
    },
  );
  return {
    connector,
    filesRefused: () => filesRefused,
    close: async () => {
      watch.stop();
      await replacing.catch(() => {});
      await connector.close();
    },
  };
}
