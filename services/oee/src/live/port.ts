/** Checks, by listening for a moment, that a port is free, before anything else is started. */
import { createServer } from "node:net";
import { Failure, reasonOf } from "../failure.ts";

/** Throws `Failure`. Port 0 is always free. */
export async function assertFree(host: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(
        new Failure(`cannot listen on ${host}:${port}: ${reasonOf(error)}; --port names another`, { cause: error }),
      );
    });
    server.listen(port, host, () => server.close(() => resolve()));
  });
}
