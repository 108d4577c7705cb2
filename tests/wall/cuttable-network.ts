/**
 * A network between a screen and its server that can be cut, as a TCP proxy. While it is cut, bytes of both sides wait and new
 * connections get no answer, as behind a switch that lost its power: neither side learns that a connection ended.
 */
import { connect, createServer, type Socket } from "node:net";

export interface Network {
  /** Address at which the screen reaches the server through this network. */
  readonly url: string;
  readonly cut: () => void;
  readonly mend: () => void;
  readonly close: () => Promise<void>;
}

export async function networkTo(server: string): Promise<Network> {
  const { hostname, port } = new URL(server);
  const sockets = new Set<Socket>();
  let isCut = false;
  const add = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on("data", (bytes) => other.write(bytes));
    socket.on("error", () => other.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
    if (isCut) socket.pause();
  };
  const proxy = createServer((screen) => {
    const onward = connect(Number(port), hostname);
    add(screen, onward);
    add(onward, screen);
  });
  await new Promise<void>((resolve, reject) => {
    proxy.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const address = proxy.address();
  if (typeof address !== "object" || address === null) throw new Error(`no port but ${address}`);
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    mend: () => {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => proxy.close(() => resolve()));
    },
  };
}
