/** The displays of benchmarks/access.ts, as a process of their own: at a message it connects them, and answers how long (ms) it took until all had their picture. */
import { io, type Socket } from "socket.io-client";

export interface ConnectMessage {
  readonly url: string;
  readonly scope: string;
  /** The tokens of the displays; empty: they connect without. */
  readonly tokens: readonly string[];
  readonly displays: number;
}

/** Connects the displays one after the other, as fast as possible; returns the time (ms) until the last snapshot. */
async function connect({ url, scope, tokens, displays }: ConnectMessage): Promise<number> {
  const begun = performance.now();
  const sockets = await Promise.all(
    Array.from({ length: displays }, (_, i) => {
      const token = tokens[i];
      const extraHeaders: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const options = {
        transports: ["websocket"],
        forceNew: true,
        reconnection: false,
        timeout: 120_000,
        extraHeaders,
      };
      const socket = io(`${url}/live`, options);
      return new Promise<Socket>((resolve, reject) => {
        socket.on("connect", () => socket.emit("subscribe", { scopes: [scope], windows: ["1h"] }));
        socket.on("connect_error", reject);
        socket.on("snapshot", () => resolve(socket));
      });
    }),
  );
  const tookMs = performance.now() - begun;
  for (const socket of sockets) socket.disconnect();
  return tookMs;
}

process.on("message", (message: ConnectMessage) => {
  connect(message).then(
    (tookMs) => process.send?.(tookMs),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
