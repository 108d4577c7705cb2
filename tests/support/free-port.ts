/** Finds ports for servers whose port must be known before they start, or that start again at the same one. */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Ports below those that Linux and Windows give to sockets that connect or ask for any port: none of these is given to another program meanwhile. */
const [LOWEST, HIGHEST] = [10_000, 32_000];
const ATTEMPTS = 100;

/** A port of this computer on which nobody listened a moment ago. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port is free of ${ATTEMPTS} between ${LOWEST} and ${HIGHEST}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
  });
  if (listens) await new Promise((resolve) => server.close(resolve));
  return listens;
}
