/**
 * The addresses of the trusted proxies before a gateway. Where a request comes from one of them, its forwarding headers give
 * the client's address and protocol; forwarding headers of other senders are ignored.
 */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { TLSSocket } from "node:tls";

export class Proxies {
  readonly #known = new BlockList();

  /** `addresses`: IP addresses, or networks such as 10.0.0.0/8. Throws an `Error` that names one that is neither. */
  constructor(addresses: readonly string[]) {
    for (const text of addresses) {
      const [address = "", bits] = text.trim().split("/");
      const family = isIP(address);
      if (family === 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) {
        throw new Error(`found ${JSON.stringify(text)}, expected IP addresses or networks such as 10.0.0.0/8`);
      }
      const type = family === 6 ? "ipv6" : "ipv4";
      if (bits === undefined) this.#known.addAddress(address, type);
      else this.#known.addSubnet(address, Number(bits), type);
    }
  }

  trusts(address: string): boolean {
    // A socket of both families writes an IPv4 address with this prefix.
    const plain = address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
    const family = isIP(plain);
    return family !== 0 && this.#known.check(plain, family === 6 ? "ipv6" : "ipv4");
  }

  /** Whether a request came by TLS, to us or to a trusted proxy. */
  isSecure({ socket, headers }: Pick<IncomingMessage, "socket" | "headers">): boolean {
    if (socket instanceof TLSSocket) return true;
    if (!this.trusts(socket.remoteAddress ?? "")) return false;
    const [said] = [headers["x-forwarded-proto"]].flat();
    return said?.split(",").at(-1)?.trim() === "https";
  }
}
