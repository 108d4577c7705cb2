/**
 * The connections of a server, which has to wait for each of them when it ends: those on which nothing was asked are closed at
 * once, those that are idle soon after their last answer, and those whose client stalls are cut off.
 */
import type { Server, IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** How often a server that ends closes the connections that have become idle. */
const IDLE_CLOSED_EVERY_MS = 100;

export class Connections {
  /** Servers of HTTP/2 lack `closeIdleConnections`, and end their sessions themselves. */
  readonly #server: Partial<Pick<Server, "closeIdleConnections">>;
  readonly #open = new Set<Socket>();
  /** Those on which nothing was asked yet, as browsers open some beforehand. */
  readonly #unasked = new Set<Socket>();

  constructor(server: Server, isSecure: boolean) {
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#open.add(socket);
      socket.once("close", () => this.#open.delete(socket));
    });
    server.on(
      isSecure ? "secureConnection" : "connection",
      (socket: Socket & { readonly alpnProtocol?: string | false | null }) => {
        // Sessions of HTTP/2 are ended by fastify.
        if (socket.alpnProtocol === "h2") return;
        this.#unasked.add(socket);
        socket.once("close", () => this.#unasked.delete(socket));
      },
    );
    const asked = ({ socket }: IncomingMessage): void => void this.#unasked.delete(socket);
    server.on("request", asked).on("upgrade", asked);
  }

  /**
   * Helps a server that is being closed until `closed` resolves. Connections that are open after `lastAnswersMs` are cut off, because
   * clients that do not read their answer, or do not send the rest of their request, would keep them; `onLate` is told how many.
   */
  async end(closed: Promise<void>, lastAnswersMs: number, onLate: (connections: number) => void): Promise<void> {
    for (const socket of this.#unasked) socket.destroy();
    // A connection is idle only after its last answer, and stays then for as long as its client keeps it.
    const idle = setInterval(() => this.#server.closeIdleConnections?.(), IDLE_CLOSED_EVERY_MS);
    const late = setTimeout(() => {
      onLate(this.#open.size);
      for (const socket of this.#open) socket.destroy();
    }, lastAnswersMs);
    await closed.finally(() => {
      clearInterval(idle);
      clearTimeout(late);
    });
  }
}
