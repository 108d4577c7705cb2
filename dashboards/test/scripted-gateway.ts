/**
 * A test fixture: serves the built dashboards and whatever live messages a test dictates, over a real websocket, so that
 * each rule of the wall can be provoked exactly (silence, gaps, wrong clocks, restarts). It computes nothing; the
 * product's own gateway is tested end to end elsewhere.
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { LatencyAnswer, LiveElement, LiveMessage, PlantDescription, SubscribeRequest } from "@oee/protocol";
import { Server, type Socket } from "socket.io";

export const DIST: string = fileURLToPath(new URL("../dist", import.meta.url));

export interface Script {
  readonly plant: PlantDescription;
  readonly elements: readonly LiveElement[];
  /** The server's clock (epoch ms). */
  readonly now: () => number;
  readonly version?: string;
  /** What `GET /api/v1/latency` answers; without it there is no such path. */
  readonly latency?: () => LatencyAnswer;
  /** 0: none. */
  readonly heartbeatMs?: number;
  readonly port?: number;
}

export interface ScriptedGateway {
  readonly url: string;
  readonly port: number;
  /** Requests of all clients so far, newest last. */
  readonly subscriptions: readonly SubscribeRequest[];
  /** Puts elements in place and sends them to those who subscribed to them. `skip` loses that many messages before. */
  readonly push: (elements: readonly LiveElement[], skip?: number) => void;
  /** While silent nothing is sent, neither heartbeats nor answers; connections stay open. */
  readonly setSilent: (silent: boolean) => void;
  /** A new build or plant file: told with the next message. */
  readonly setVersion: (version: string) => void;
  readonly dropConnections: () => void;
  /** How often `index.html` was asked for. */
  readonly pageLoads: () => number;
  readonly close: () => Promise<void>;
}

interface Client {
  readonly socket: Socket;
  readonly scopes: ReadonlySet<string>;
  sequence: number;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

export async function startScriptedGateway(script: Script): Promise<ScriptedGateway> {
  const elements = new Map(script.elements.map((element) => [element.scope, element]));
  const clients = new Map<string, Client>();
  const subscriptions: SubscribeRequest[] = [];
  let version = script.version ?? "1";
  let silent = false;
  let pageLoads = 0;

  const http: HttpServer = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (path === "/api/v1/plant") {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(script.plant));
      return;
    }
    if (path === "/api/v1/latency" && script.latency !== undefined) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(script.latency()));
      return;
    }
    const isPage = path === "/wall" || path.startsWith("/wall/");
    if (isPage) pageLoads++;
    const file = normalize(join(DIST, isPage ? "index.html" : path));
    if (!file.startsWith(DIST) || (!isPage && !path.startsWith("/assets/"))) {
      response.writeHead(404).end();
      return;
    }
    const body = await readFile(file).catch(() => null);
    if (body === null) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" }).end(body);
  }

  const io = new Server(http, { perMessageDeflate: false });
  const live = io.of("/live");
  const message = (client: Client, sent: readonly LiveElement[]): LiveMessage => ({
    sequence: ++client.sequence,
    emittedAt: script.now(),
    reflects: script.now(),
    version,
    elements: sent,
  });
  live.on("connection", (socket) => {
    socket.on("disconnect", () => clients.delete(socket.id));
    socket.on("subscribe", (request: SubscribeRequest) => {
      subscriptions.push(request);
      const client: Client = {
        socket,
        scopes: new Set([
          ...request.scopes,
          // Machines are told whole here, too: what is in brief is the server's own.
          ...[...elements.keys()].filter((path) =>
            (request.machinesOf ?? []).some((scope) => scope === "*" || path.startsWith(`${scope}/`)),
          ),
        ]),
        sequence: clients.get(socket.id)?.sequence ?? 0,
      };
      clients.set(socket.id, client);
      if (silent) return;
      socket.emit(
        "snapshot",
        message(
          client,
          [...elements.values()].filter((element) => client.scopes.has(element.scope)),
        ),
      );
    });
  });
  const heartbeatMs = script.heartbeatMs ?? 1_000;
  const heartbeat =
    heartbeatMs === 0
      ? undefined
      : setInterval(() => {
          if (!silent) live.emit("heartbeat", { emittedAt: script.now() });
        }, heartbeatMs);

  await new Promise<void>((resolve) => http.listen(script.port ?? 0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    subscriptions,
    push: (changed, skip = 0) => {
      for (const element of changed) elements.set(element.scope, element);
      if (silent) return;
      for (const client of clients.values()) {
        const sent = changed.filter((element) => client.scopes.has(element.scope));
        client.sequence += skip;
        if (sent.length > 0) client.socket.emit("update", message(client, sent));
      }
    },
    setSilent: (value) => {
      silent = value;
    },
    setVersion: (value) => {
      version = value;
    },
    dropConnections: () => live.disconnectSockets(true),
    pageLoads: () => pageLoads,
    close: async () => {
      clearInterval(heartbeat);
      const closed = io.close();
      // A connection that a browser opened ahead of need has made no request yet, and would be waited for.
      http.closeAllConnections();
      await closed;
    },
  };
}
