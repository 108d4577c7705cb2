/** Runs the connections of a file in this process. A changed file is applied; one with a problem changes nothing. */
import { type Connection, Connector, type ConnectorOptions } from "@oee/connectors";
import type { Logger } from "pino";
import { type FileWatch, watchFile } from "../live/file-watch.ts";
import { endAtOnce } from "../live/running.ts";

const OUTBOX_BYTES_MAX = 1024 ** 3;
const LOOK_AT_PLANT_MS = 2_000;

export interface ConnectingOptions
  extends Pick<ConnectorOptions, "receiver" | "folder" | "outboxFolder" | "onMapped" | "recording"> {
  readonly file: string;
  /** Reads the file. Throws `Failure` where it is refused. */
  readonly load: () => Promise<readonly Connection[]>;
  /** The plant in force, by whose machines the file is read again when it is another one. */
  readonly plant: () => unknown;
  readonly logger: Logger;
}

export interface Connecting {
  readonly connector: Connector;
  /** How often a changed file was refused. */
  readonly filesRefused: () => number;
  close(): Promise<void>;
}

/** Throws `Failure` where the file is refused at first. */
export async function startConnecting({
  file,
  load,
  plant,
  logger,
  ...options
}: ConnectingOptions): Promise<Connecting> {
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
  const takeUp = async (): Promise<void> => {
    const connections = await load();
    replacing = replacing.catch(() => {}).then(() => connector.replace(connections));
    await replacing;
    logger.info({ file }, "connections file taken up");
  };
  const refused = (error: unknown): void => {
    filesRefused++;
    const why = error instanceof Error ? error.message : String(error);
    logger.error({ code: "OEE_CONNECT_FILE_REFUSED", file }, why);
  };
  const watch: FileWatch = watchFile(file, takeUp, refused);
  let known = plant();
  const watchingPlant = setInterval(() => {
    if (plant() === known) return;
    known = plant();
    takeUp().catch(refused);
  }, LOOK_AT_PLANT_MS);
  return {
    connector,
    filesRefused: () => filesRefused,
    close: async () => {
      watch.stop();
      clearInterval(watchingPlant);
      await replacing.catch(() => {});
      await connector.close();
    },
  };
}
