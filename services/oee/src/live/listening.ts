/**
 * The address at which a server of this process is reached: its names, and the port that it got (port 0 asks the
 * system for a free one).
 */
import type { Server } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";
import type { EndSettings } from "./running.ts";

/** Where a server listens, and for which names. */
export interface NetworkSettings extends EndSettings {
  readonly host: string;
  readonly port: number;
  readonly allowedHosts?: readonly string[];
}

/** Names that requests may be for, besides IP addresses and `localhost`: this machine's own, and those of the settings. */
export function allowedHostsOf({ allowedHosts = [] }: NetworkSettings): readonly string[] {
  return [hostname(), ...allowedHosts];
}

/** Whether an address is reached from this machine only (loopback). */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
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
