/**
 * Sends the lines of standard input, events as NDJSON, to a gateway, once a second; what fails is tried again until it
 * is taken, while reading waits. For the simulated plant of docker-compose.yml, and for shell scripts that stand in for machines.
 *
 *   oee simulate | node deploy/send-lines.mjs http://127.0.0.1:8080
 */
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

const LINES_MAX = 5_000;
const SEND_EVERY_MS = 1_000;

const address = process.argv[2];
if (address === undefined) {
  process.stderr.write("usage: send-lines.mjs URL, such as http://127.0.0.1:8080\n");
  process.exit(2);
}
const url = new URL("/api/v1/events", address);

async function send(lines) {
  for (;;) {
    try {
      const headers = { "content-type": "application/x-ndjson" };
      const response = await fetch(url, { method: "POST", headers, body: lines.join("\n") });
      const answer = await response.text();
      if (response.status === 202) return;
      process.stderr.write(`${url} answered ${response.status}: ${answer.slice(0, 500)}\n`);
    } catch (error) {
      process.stderr.write(`${url}: ${error.cause?.message ?? error.message}\n`);
    }
    await wait(SEND_EVERY_MS);
  }
}

let waiting = [];
let sentAt = performance.now();
for await (const line of createInterface({ input: process.stdin })) {
  waiting.push(line);
  if (waiting.length < LINES_MAX && performance.now() - sentAt < SEND_EVERY_MS) continue;
  const lines = waiting;
  waiting = [];
  await send(lines);
  sentAt = performance.now();
}
if (waiting.length > 0) await send(waiting);
