/** Displays of benchmarks/access.ts, as a process of their own: connects when it is told to, and says how long it took until each had its picture. */
import { io, type Socket } from "socket.io-client";

export interface ToldToConnect {
  readonly url: string;
  readonly scope: string;
  /** What each of them shows of itself; empty: nothing. */
  readonly tokens: readonly string[];
  readonly displays: number;
}

/** One after the other, as fast as the machine does it; ms until the last snapshot. */
async function connect({ url, scope, tokens, displays }: ToldToConnect): Promise<number> {
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

process.on("message", (told: ToldToConnect) => {
  connect(told).then(
    (tookMs) => process.send?.(tookMs),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
