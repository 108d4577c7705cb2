/** A network cable between a connector and its peer that a test can pull and plug in: a TCP proxy on a port of its own. */
import { createConnection, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Cable {
  readonly port: number;
  /** Open connections break, and new ones are refused, until `plug`. */
  pull(): void;
  plug(): void;
}

export async function cableTo(peerPort: number): Promise<Cable> {
  const open = new Set<Socket>();
  let isPulled = false;
  const server = createServer((near) => {
    if (isPulled) return void near.resetAndDestroy();
    const far = createConnection({ host: "127.0.0.1", port: peerPort });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const pull = (): void => {
    isPulled = true;
    for (const socket of open) socket.resetAndDestroy();
  };
  onTestFinished(() => {
    pull();
    server.close();
  });
  return { port: address.port, pull, plug: () => (isPulled = false) };
}
