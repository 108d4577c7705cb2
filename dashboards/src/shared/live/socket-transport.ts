/**
 * The live client's connection: socket.io's namespace `/live` on the server that the page came from.
 * Reconnects for ever, at most 5 s apart; uses long polling where a proxy lets no websocket through.
 * Delivery at most once: messages sent while it is disconnected are lost, and the snapshot after each connection makes up for them.
 */
import { leadToSignIn } from "../api/ask.ts";
import type { LiveMessage } from "@oee/protocol";
import { io } from "socket.io-client";
import type { LiveTransport } from "./live-client.ts";

const REFUSED_RETRY_MS = 2_000;

export function socketTransport(url = ""): LiveTransport {
  const socket = io(`${url}/live`, {
    autoConnect: false,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
    timeout: 5_000,
  });
  // socket.io does not connect again by itself where the server refused or closed the connection.
  let timer: ReturnType<typeof setTimeout> | undefined;
  const comeBack = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => socket.connect(), REFUSED_RETRY_MS);
  };
  return {
    open: (handlers) => {
      socket.on("connect", handlers.onConnect);
      socket.on("disconnect", (reason) => {
        handlers.onDisconnect();
        if (reason === "io server disconnect") comeBack();
      });
      socket.on("connect_error", ({ message }) => {
        if (message === "sign-in") leadToSignIn();
        if (!socket.active) comeBack();
      });
      socket.on("snapshot", (message: LiveMessage) => handlers.onSnapshot(message));
      socket.on("update", (message: LiveMessage) => handlers.onUpdate(message));
      socket.on("heartbeat", (message: { readonly emittedAt: number }) => handlers.onHeartbeat(message.emittedAt));
      socket.on("refused", (refusal: { readonly detail: string }) => handlers.onRefused(refusal.detail));
      socket.connect();
    },
    subscribe: (request) => {
      socket.emit("subscribe", request);
    },
    reconnect: () => {
      socket.disconnect().connect();
    },
    close: () => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.disconnect();
    },
  };
}
