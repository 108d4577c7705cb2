/** Where a server of this process is to be found, by the port that it got: asked for as 0 it is any free one. */
import type { Server } from "node:http";
import type { NetworkSettings } from "./settings.ts";

export function urlOf({ host, port }: NetworkSettings, server: Server): string {
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return `http://${host.includes(":") ? `[${host}]` : host}:${bound}`;
}
