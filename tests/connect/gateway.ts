/** A server that takes events in the gateway's place: it recognises repeats as the engine does and keeps the events that came. */
import { createServer } from "node:http";
import { onTestFinished } from "vitest";

const IDS_KNOWN = 256;

/**
 * What is wrong with the order in which the numbers from 0 to below `count` came: some twice, never, or out of order. A number is in
 * order if it is the oldest that has not come yet, or newer than all that came: after a long outage new events are sent beside the
 * waiting ones.
 */
export function strange(numbers: readonly number[], count: number): readonly string[] {
  const came = new Set<number>();
  const found: string[] = [];
  let [oldest, newest] = [0, -1];
  for (const number of numbers) {
    if (came.has(number)) found.push(`${number} twice`);
    else if (number !== oldest && number < newest) found.push(`${number} before ${oldest} and after ${newest}`);
    came.add(number);
    newest = Math.max(newest, number);
    while (came.has(oldest)) oldest++;
  }
  for (let number = oldest; number < count; number++) if (!came.has(number)) found.push(`${number} never`);
  return found.slice(0, 20);
}

export interface Event {
  readonly id: string;
  readonly machine: string;
  readonly at: string;
  readonly state?: string;
  readonly good?: number;
}

/**
 * A gateway at a port (0: any) that is away where `luckNow()` is below 0.2, and takes events without answering where it is below
 * 0.4. A repeat among the last 256 ids of a machine is ignored.
 */
export async function gatewayAt(port: number, luckNow: () => number): Promise<{ url: string; accepted: Event[] }> {
  const accepted: Event[] = [];
  const known = new Map<string, string[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const luck = luckNow();
      if (luck < 0.2) return void response.writeHead(503).end("away");
      for (const line of Buffer.concat(chunks).toString("utf8").split("\n")) {
        const event = JSON.parse(line) as Event;
        const ids = known.get(event.machine) ?? [];
        if (!ids.includes(event.id)) {
          accepted.push(event);
          known.set(event.machine, [...ids, event.id].slice(-IDS_KNOWN));
        }
      }
      if (luck < 0.4) return void response.destroy();
      response.writeHead(202, { "content-type": "application/json" }).end('{"refusals":[]}');
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, accepted };
}
