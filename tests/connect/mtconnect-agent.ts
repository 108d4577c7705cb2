/**
 * A small MTConnect agent, as the standard (Part 1, 2.x) has its HTTP: a bounded buffer of observations by sequence number, `current`,
 * `sample` with `from`, `count`, `interval` and `heartbeat` as a multipart stream, and OUT_OF_RANGE; XML, or JSON where it is asked for. No agent is to be had as a package.
 */
import { createServer, type Server, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

interface Kept {
  readonly sequence: number;
  readonly id: string;
  readonly at: string;
  readonly value: string;
  /** The native code of a condition. */
  readonly code: string;
}

const BOUNDARY = "--part";
const XML_TYPE = "text/xml";
const JSON_TYPE = "application/json";

export class Agent {
  readonly #bufferSize: number;
  readonly #instanceId: number;
  readonly #server: Server;
  readonly #streams = new Set<() => void>();
  #kept: Kept[] = [];
  #newest = new Map<string, Kept>();
  #next = 1;

  private constructor(instanceId: number, bufferSize: number) {
    this.#instanceId = instanceId;
    this.#bufferSize = bufferSize;
    this.#server = createServer((request, response) =>
      this.#answer(
        new URL(request.url ?? "/", "http://agent"),
        request.headers.accept === "application/json" ? JSON_TYPE : XML_TYPE,
        response,
      ),
    );
  }

  static async listening(port: number, instanceId: number, bufferSize = 8): Promise<Agent> {
    const agent = new Agent(instanceId, bufferSize);
    await new Promise<void>((resolve) => agent.#server.listen(port, "127.0.0.1", resolve));
    onTestFinished(() => agent.stop());
    return agent;
  }

  /** Adds an observation. Of an item whose id ends with `_cond` the value is a condition level: `Normal`, `Fault` and so on, of an alarm (`code`) or of all. */
  add(id: string, value: string, at: number, code = ""): void {
    const kept = { sequence: this.#next++, id, at: new Date(at).toISOString(), value, code };
    this.#kept = [...this.#kept, kept].slice(-this.#bufferSize);
    this.#note(kept);
    for (const wake of this.#streams) wake();
  }

  /** What `current` has: of a condition all active alarms, and where there is none that it is normal. */
  #note(kept: Kept): void {
    const { id, value, code } = kept;
    const own = [...this.#newest].filter(([, other]) => other.id === id);
    const isAlarm = value === "Fault" || value === "Warning";
    for (const [key, other] of own)
      if (code === "" || other.code === code || other.code === "") this.#newest.delete(key);
    if (isAlarm || ![...this.#newest.values()].some((other) => other.id === id))
      this.#newest.set(`${id} ${code}`, kept);
  }

  /** Stops the agent and breaks its connections. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(url: URL, type: string, response: ServerResponse): void {
    const number = (name: string, otherwise: number): number => Number(url.searchParams.get(name) ?? otherwise);
    if (url.pathname === "/current")
      return this.#send(response, type, this.#document([...this.#newest.values()], this.#next, type));
    if (url.pathname !== "/sample") return void response.writeHead(404).end();
    const first = this.#kept[0]?.sequence ?? this.#next;
    const from = number("from", first);
    if (from < first || from > this.#next) return this.#send(response, type, this.#error("OUT_OF_RANGE", type));
    if (url.searchParams.get("interval") === null)
      return this.#send(response, type, this.#sample(from, number("count", 100), type).text);
    const timing = { intervalMs: number("interval", 0), heartbeatMs: number("heartbeat", 10_000) };
    this.#stream(response, type, from, number("count", 100), timing);
  }

  #stream(
    response: ServerResponse,
    type: string,
    from: number,
    count: number,
    { intervalMs, heartbeatMs }: { readonly intervalMs: number; readonly heartbeatMs: number },
  ): void {
    response.writeHead(200, { "content-type": `multipart/x-mixed-replace;boundary=${BOUNDARY.slice(2)}` });
    let next = from;
    const tell = (): void => {
      const sample = this.#sample(next, count, type);
      next = sample.next;
      const length = Buffer.byteLength(sample.text);
      response.write(`\r\n${BOUNDARY}\r\nContent-type: ${type}\r\nContent-length: ${length}\r\n\r\n${sample.text}`);
    };
    tell();
    const beat = setInterval(tell, heartbeatMs);
    const wake = (): void => void setTimeout(tell, intervalMs);
    this.#streams.add(wake);
    response.on("close", () => {
      clearInterval(beat);
      this.#streams.delete(wake);
    });
  }

  #sample(from: number, count: number, type: string): { readonly text: string; readonly next: number } {
    const found = this.#kept.filter(({ sequence }) => sequence >= from).slice(0, count);
    const next = (found.at(-1)?.sequence ?? from - 1) + 1;
    return { text: this.#document(found, next, type), next };
  }

  #document(kept: readonly Kept[], next: number, type: string): string {
    if (type === JSON_TYPE) return this.#json(kept, next);
    const element = ({ id, at, sequence, value, code }: Kept): string => {
      const attributes = `dataItemId="${id}" name="${id}_name" timestamp="${at}" sequence="${sequence}"`;
      if (id.endsWith("_cond")) {
        const native = code === "" ? "" : ` nativeCode="${code}"`;
        return `<Condition><${value} ${attributes} type="SYSTEM"${native}/></Condition>`;
      }
      return `<Events><${elementOf(id)} ${attributes}>${value}</${elementOf(id)}></Events>`;
    };
    const streams = `<Streams><DeviceStream name="lathe" uuid="u"><ComponentStream component="Path">${kept.map(element).join("")}</ComponentStream></DeviceStream></Streams>`;
    return `<?xml version="1.0" encoding="UTF-8"?><MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:2.0">${this.#header(next)}${streams}</MTConnectStreams>`;
  }

  /** The JSON of agents' version 2: observations in lists by their element. */
  #json(kept: readonly Kept[], next: number): string {
    const lists: Record<"Events" | "Condition", Record<string, object[]>> = { Events: {}, Condition: {} };
    for (const { id, at, sequence, value, code } of kept) {
      const isCondition = id.endsWith("_cond");
      const native = code === "" ? {} : { nativeCode: code };
      const observation = { dataItemId: id, name: `${id}_name`, timestamp: at, sequence, ...native };
      const list = (lists[isCondition ? "Condition" : "Events"][isCondition ? value : elementOf(id)] ??= []);
      list.push(isCondition ? observation : { ...observation, value });
    }
    const component = { component: "Path", ...lists };
    const first = this.#kept[0]?.sequence ?? this.#next;
    const counts = { firstSequence: first, lastSequence: this.#next - 1, nextSequence: next };
    return JSON.stringify({
      MTConnectStreams: {
        jsonVersion: 2,
        Header: { instanceId: this.#instanceId, bufferSize: this.#bufferSize, ...counts },
        Streams: { DeviceStream: [{ name: "lathe", uuid: "u", ComponentStream: [component] }] },
      },
    });
  }

  #header(next: number): string {
    const first = this.#kept[0]?.sequence ?? this.#next;
    return `<Header instanceId="${this.#instanceId}" bufferSize="${this.#bufferSize}" firstSequence="${first}" lastSequence="${this.#next - 1}" nextSequence="${next}"/>`;
  }

  #error(code: string, type: string): string {
    if (type === JSON_TYPE) {
      const errors = { Error: [{ errorCode: code, value: "from" }] };
      return JSON.stringify({ MTConnectError: { Header: { instanceId: this.#instanceId }, Errors: errors } });
    }
    return `<?xml version="1.0" encoding="UTF-8"?><MTConnectError xmlns="urn:mtconnect.org:MTConnectError:2.0"><Header instanceId="${this.#instanceId}" bufferSize="${this.#bufferSize}"/><Errors><Error errorCode="${code}">from</Error></Errors></MTConnectError>`;
  }

  #send(response: ServerResponse, type: string, text: string): void {
    response.writeHead(200, { "content-type": type }).end(text);
  }
}

function elementOf(id: string): string {
  return id === "pc" ? "PartCount" : "Execution";
}
