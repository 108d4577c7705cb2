/** A client of the live channel that holds what it receives to its schema. */
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { checkLiveMessage } from "../../../tests/contract/check.ts";

export function liveSocket(url: string, options: Partial<ManagerOptions & SocketOptions> = {}): Socket {
  const socket = io(`${url}/live`, { transports: ["websocket"], forceNew: true, ...options });
  return socket.on("snapshot", checkLiveMessage).on("update", checkLiveMessage);
}
