/**
 * Refuses requests that a page of another site may have made a browser send. A page of another name that resolves to
 * our address (DNS rebinding) shows by its `Host`, a page of another origin by `Origin` or `Sec-Fetch-Site`. Programs
 * that are no browsers send neither of the latter two.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/** As an allowed name: requests under any name pass; for use behind a proxy that checks names itself. */
export const ANY_HOST = "*";

export class Strangers {
  readonly #names: ReadonlySet<string>;
  readonly #anyHost: boolean;

  /** `allowed` are host names, in any letter case, besides IP addresses and `localhost`; or `*`. */
  constructor(allowed: readonly string[]) {
    this.#names = new Set(allowed.map((name) => name.trim().toLowerCase()).filter((name) => name !== ""));
    this.#anyHost = this.#names.has(ANY_HOST);
  }

  /** Whether `Host` names an IP address, this machine, or an allowed name. A program of HTTP/1.0 sends none. */
  knowsHost(headers: IncomingHttpHeaders): boolean {
    const host = hostIn(headers);
    if (this.#anyHost || host === undefined || host === "") return true;
    const name = hostnameOf(host);
    if (name === null) return false;
    return isIP(name) > 0 || name === "localhost" || name.endsWith(".localhost") || this.#names.has(name);
  }

  /** Whether `Origin`, where it is sent, is the address called, or an allowed name at its usual port. */
  knowsOrigin(headers: IncomingHttpHeaders): boolean {
    const { origin } = headers;
    const host = hostIn(headers);
    if (origin === undefined) return true;
    let asked: URL;
    try {
      asked = new URL(origin);
    } catch {
      return false;
    }
    return asked.host !== "" && (asked.host === host?.toLowerCase() || this.#names.has(asked.host));
  }
}

/** The host of a request; HTTP/2 sends it as `:authority`. */
export function hostIn(headers: IncomingHttpHeaders): string | undefined {
  const authority = headers[":authority"];
  return headers.host ?? (typeof authority === "string" ? authority : undefined);
}

/** Whether a page of another site requests something to embed, such as a picture; nothing here may be embedded. */
export function isEmbeddedElsewhere(headers: IncomingHttpHeaders): boolean {
  return headers["sec-fetch-site"] === "cross-site" && headers["sec-fetch-mode"] !== "navigate";
}

/** A host's name without port, brackets and a last dot, in lower case; `null`: the text is no host. */
function hostnameOf(host: string): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?$/i.exec(host);
  const name = match?.[1] ?? match?.[2];
  return name === undefined ? null : name.toLowerCase().replace(/\.$/, "");
}
