/**
 * The address at which a server of this process is reached: its names, and the port that it got (port 0 asks the
 * system for a free one).
 */
import type { Server } from "node:http";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
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

export function portOf({ port }: Pick<NetworkSettings, "port">, server: Pick<Server, "address">): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

/**
 * The addresses under which a server can be opened, best first. One that listens at all addresses of the machine (0.0.0.0, or ::)
 * is at `localhost`, and for others at those of its network cards.
 */
export function urlsOf(
  settings: Pick<NetworkSettings, "host" | "port">,
  server: Pick<Server, "address">,
  secure = false,
): readonly [string, ...string[]] {
  const { host } = settings;
  const port = portOf(settings, server);
  const urlOf = (name: string): string =>
    `${secure ? "https" : "http"}://${name.includes(":") ? `[${name}]` : name}:${port}`;
  const address = server.address();
  const bound = typeof address === "object" ? address?.address : undefined;
  if (bound !== "0.0.0.0" && bound !== "::") return [urlOf(host)];
  const cards = Object.values(networkInterfaces()).flatMap((card) => card ?? []);
  // A link-local address means something only together with the name of a network card.
  const own = cards.filter(
    ({ internal, family, scopeid = 0 }) => !internal && scopeid === 0 && (family === "IPv4" || bound === "::"),
  );
  return [urlOf("localhost"), ...own.map((card) => urlOf(card.address))];
}
