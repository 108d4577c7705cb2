/**
 * The displays of benchmarks/walls.ts, as a process of their own. At a message it connects some, each with machines of its own,
 * and answers when all have their picture; at the next it answers what came since. A display reads of an update only when the
 * newest event of each machine was, so that many displays need little of the processor that they share with what is measured.
 */
import { EventEmitter } from "node:events";
import { io, type Socket } from "socket.io-client";

export type ToDisplays =
  | { readonly do: "connect"; readonly url: string; readonly shows: readonly (readonly string[])[] }
  | { readonly do: "tell" };

export interface Told {
  readonly updates: number;
  readonly elements: number;
  readonly bytes: number;
  /** From an event to the update that shows it first (ms), by machine and display. */
  readonly latencies: readonly number[];
}

const SCOPE = '{"scope":"';
const NEWEST = '"lastEventAt":';

let updates = 0;
let elements = 0;
let bytes = 0;
const latencies: number[] = [];

/** Reads packets of socket.io as far as a display of this benchmark needs. */
class Reader extends EventEmitter {
  readonly #newest = new Map<string, number>();

  add(text: string): void {
    const data = text.indexOf(",", 1) + 1;
    if (text.startsWith('["update"', data)) this.#update(text);
    else this.emit("decoded", { type: Number(text[0]), nsp: "/live", data: dataOf(text, data) });
  }

  destroy(): void {
    this.#newest.clear();
  }

  #update(text: string): void {
    const now = Date.now();
    updates++;
    bytes += text.length;
    for (let at = text.indexOf(SCOPE); at !== -1; at = text.indexOf(SCOPE, at)) {
      elements++;
      at += SCOPE.length;
      const scope = text.slice(at, text.indexOf('"', at));
      at = text.indexOf(NEWEST, at) + NEWEST.length;
      const newest = Number.parseInt(text.slice(at, at + 16), 10);
      if (!(newest > (this.#newest.get(scope) ?? 0))) continue;
      this.#newest.set(scope, newest);
      latencies.push(now - newest);
    }
  }
}

function dataOf(text: string, at: number): unknown {
  // Of a snapshot it only matters that it came.
  if (text.startsWith('["snapshot"', at)) return ["snapshot"];
  return JSON.parse(text.slice(at));
}

class Writer {
  encode({ type, nsp, data }: { readonly type: number; readonly nsp: string; readonly data?: unknown }): string[] {
    return [`${type}${nsp},${data === undefined ? "" : JSON.stringify(data)}`];
  }
}

function connect(url: string, scopes: readonly string[]): Promise<Socket> {
  const socket = io(`${url}/live`, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    timeout: 120_000,
    parser: { Encoder: Writer, Decoder: Reader },
  });
  return new Promise((resolve, reject) => {
    socket.on("connect", () => socket.emit("subscribe", { scopes, windows: ["shift", "1h"] }));
    socket.on("connect_error", reject);
    socket.on("refused", (refusal) => reject(new Error(JSON.stringify(refusal))));
    socket.once("snapshot", () => resolve(socket));
  });
}

let sockets: Socket[] = [];

async function answer(message: ToDisplays): Promise<unknown> {
  if (message.do === "connect") {
    for (const socket of sockets) socket.disconnect();
    sockets = await Promise.all(message.shows.map((scopes) => connect(message.url, scopes)));
    return "connected";
  }
  const told: Told = { updates, elements, bytes, latencies: latencies.splice(0) };
  updates = elements = bytes = 0;
  return told;
}

process.on("message", (message: ToDisplays) => {
  answer(message).then(
    (value) => process.send?.(value),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
