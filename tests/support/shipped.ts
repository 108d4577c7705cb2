/** Reads in package-lock.json which packages are shipped, and which development alone needs. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const LOCK = fileURLToPath(new URL("../../package-lock.json", import.meta.url));

interface Locked {
  readonly name?: string;
  readonly version?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  /** Set, among others, for packages of other operating systems and processors. */
  readonly optional?: boolean;
}

/** Names with versions, such as `fastify@5.6.0`, without our own packages; `tools` are those that development alone needs. */
export function lockedPackages(): { readonly shipped: ReadonlySet<string>; readonly tools: ReadonlySet<string> } {
  const { packages } = JSON.parse(readFileSync(LOCK, "utf8")) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const [shipped, tools] = [new Set<string>(), new Set<string>()];
  for (const [path, { name, version, dev, link, optional }] of Object.entries(packages)) {
    if (!path.includes("node_modules/") || link === true || optional === true) continue;
    (dev === true ? tools : shipped).add(`${name ?? path.split("node_modules/").at(-1)}@${version}`);
  }
  for (const one of shipped) tools.delete(one);
  return { shipped, tools };
}
