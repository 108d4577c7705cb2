/** Where a server of this process is to be found: by which names, and by the port that it got, for 0 is any free one. */
import type { Server } from "node:http";
import { hostname } from "node:os";
import type { NetworkSettings } from "./settings.ts";

/** Names that requests may be for, besides IP addresses and `localhost`: this machine's own, and those of the settings. */
export function allowedHostsOf({ allowedHosts = [] }: NetworkSettings): readonly string[] {
  return [hostname(), ...allowedHosts];
}

export function urlOf({ host, port }: NetworkSettings, server: Server): string {
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return `http://${host.includes(":") ? `[${host}]` : host}:${bound}`;
}
