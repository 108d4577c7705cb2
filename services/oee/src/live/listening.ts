/** Where a server of this process is to be found: by which names, and by the port that it got, for 0 is any free one. */
import type { Server } from "node:http";
import { hostname } from "node:os";
import type { NetworkSettings } from "./settings.ts";

/** Names that requests may be for, besides IP addresses and `localhost`: this machine's own, and those of the settings. */
export function allowedHostsOf({ allowedHosts = [] }: NetworkSettings): readonly string[] {
  return [hostname(), ...allowedHosts];
}

export function portOf({ port }: NetworkSettings, server: Pick<Server, "address">): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

export function urlOf(settings: NetworkSettings, server: Pick<Server, "address">, secure = false): string {
  const { host } = settings;
  const bound = portOf(settings, server);
  return `${secure ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${bound}`;
}
