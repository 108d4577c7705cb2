/** A client of the live channel that holds what it receives to its schema. */
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { checkLiveMessage } from "../../../tests/contract/check.ts";

/** How long a connection is waited for, where the default is 20 s: of what hangs, and not of what is slow. */
const PATIENCE_MS = 240_000;

export function liveSocket(url: string, options: Partial<ManagerOptions & SocketOptions> = {}): Socket {
  const socket = io(`${url}/live`, { transports: ["websocket"], forceNew: true, timeout: PATIENCE_MS, ...options });
  return socket.on("snapshot", checkLiveMessage).on("update", checkLiveMessage);
}
