/** How many events an import holds while the log is slow, and what it does when a gateway refuses, is busy or is away. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppendRecord } from "@oee/event-log";
import { expect, onTestFinished, test, vi } from "vitest";
import { EventSending, gatewayTarget, type SendingTarget } from "./event-sending.ts";
import { readEvents } from "./reading/read-events.ts";

const MIB = 1 << 20;

/** A file of so many numbered lines of a hundred bytes each. */
function fileOf(lines: number): string {
  const folder = mkdtempSync(join(tmpdir(), "oee-sending-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "events.ndjson");
  writeFileSync(file, Array.from({ length: lines }, (_, i) => `${String(i).padStart(99, "0")}\n`).join(""));
  return file;
}

test("contract: however slow the log, events that were read and are not in it yet take less than 4 MiB", async () => {
  const lines = 200_000;
  let read = 0;
  let safe = 0;
  let heldMax = 0;
  let next = 0;
  let misplaced = 0;
  let batchMax = 0;
  const slow: SendingTarget = {
    send: async (records) => {
      // In these turns a reader that did not wait for room would read on.
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      for (const { value } of records) if (Number(Buffer.from(value ?? []).toString()) !== next++) misplaced++;
      batchMax = Math.max(batchMax, records.length);
      safe += records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
      return { refused: 0 };
    },
  };
  const sending = new EventSending(slow);
  const take = (bytes: Uint8Array, start: number, end: number): void => {
    sending.take("m", Buffer.from(bytes.subarray(start, end)));
    read += end - start;
    heldMax = Math.max(heldMax, read - safe);
  };
  const sink = { line: take, lineRefused: () => undefined, row: () => undefined, room: () => sending.room() };
  await readEvents(fileOf(lines), sink, () => undefined);
  await sending.end();
  expect(sending).toMatchObject({ accepted: lines, refused: 0 });
  expect(misplaced).toBe(0);
  expect(safe).toBe(lines * 99);
  expect(safe).toBeGreaterThan(4 * 4 * MIB);
  expect(heldMax).toBeLessThan(4 * MIB);
  expect(batchMax).toBe(5_000);
});

test("contract: an error of the target ends the reading, and is not reported as one of a line of the file", async () => {
  const sending = new EventSending({ send: () => Promise.reject(new Error("it is gone")) });
  const lines: string[] = [];
  const take = (bytes: Uint8Array, start: number, end: number): void => {
    lines.push(Buffer.from(bytes.subarray(start, end)).toString());
    sending.take("m", Buffer.from(bytes.subarray(start, end)));
  };
  const sink = { line: take, lineRefused: () => undefined, row: () => undefined, room: () => sending.room() };
  await expect(readEvents(fileOf(200_000), sink, () => undefined)).rejects.toThrow("it is gone");
  expect(lines.length).toBeLessThan(200_000);
  expect(lines.filter((line) => line.length !== 99)).toEqual([]);
});

test("contract: events that come slowly, as from a simulated plant, are sent at once and in order", async () => {
  const sent: string[][] = [];
  let safe = (): void => undefined;
  const sending = new EventSending({
    send: async (records) => {
      sent.push(records.map(({ value }) => String(value)));
      await new Promise<void>((resolve) => (safe = resolve));
      return { refused: 0 };
    },
  });
  const come = async (text: string): Promise<void> => {
    sending.take("m", Buffer.from(text));
    await sending.room();
  };
  const sentIs = (expected: readonly string[][]): Promise<void> =>
    vi.waitFor(() => expect(sent).toEqual(expected), { timeout: 120_000 });
  await come("a");
  await sentIs([["a"]]);
  await come("b");
  await come("c");
  safe();
  await sentIs([["a"], ["b", "c"]]);
  safe();
  await sending.end();
  expect(sending).toMatchObject({ accepted: 3, refused: 0 });
});

test("an error of a later send ends the reading too, and is thrown at the end", async () => {
  let sends = 0;
  const sending = new EventSending({
    send: async () => {
      if (++sends === 2) throw new Error("the disk is full");
      return { refused: 0 };
    },
  });
  let read = 0;
  const take = (bytes: Uint8Array, start: number, end: number): void => {
    sending.take("m", Buffer.from(bytes.subarray(start, end)));
    read++;
  };
  const sink = { line: take, lineRefused: () => undefined, row: () => undefined, room: () => sending.room() };
  const reading = readEvents(fileOf(100_000), sink, () => undefined);
  await expect(reading).rejects.toThrow("the disk is full");
  await expect(sending.end()).rejects.toThrow("the disk is full");
  expect(read).toBeLessThan(60_000);
  expect(sending.accepted).toBe(5_000);
});

interface Said {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A gateway that gives these answers, one a request; `null`: it closes the connection. `bodies`: the requests that it got. */
async function gatewaySaying(
  ...answers: readonly (Said | null)[]
): Promise<{ readonly url: string; readonly bodies: string[] }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const said = answers[bodies.length];
      bodies.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
      if (said === null) return void request.socket.destroy();
      response.writeHead(said?.status ?? 500, said?.headers).end(said?.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, bodies };
}

const OPTIONS = { maxPastMs: 1_000, tell: (): void => undefined };
const records: readonly AppendRecord[] = ["a", "b"].map((text) => ({ key: "m", value: Buffer.from(text) }));

test("events that a gateway answers with 429 or 503 are sent again, and events that it refuses are counted", async () => {
  const later = { body: "later", headers: { "retry-after": "0" } };
  const taken = { status: 202, body: '{"accepted":1,"refused":1,"refusals":[]}' };
  const { url, bodies } = await gatewaySaying({ status: 429, ...later }, { status: 503, ...later }, taken);
  expect(await gatewayTarget(url, OPTIONS).send(records)).toEqual({ refused: 1 });
  expect(bodies).toEqual(Array.from({ length: 3 }, () => "POST /api/v1/events?maxPast=1000ms a\nb"));
});

test("a gateway that refuses a request, or cannot be reached, is an error with its answer", async () => {
  const { url } = await gatewaySaying({ status: 415, body: "no such type" });
  await expect(gatewayTarget(url, OPTIONS).send(records)).rejects.toThrow(
    `${url}/api/v1/events?maxPast=1000ms answered 415: no such type`,
  );
  await expect(gatewayTarget("http://127.0.0.1:1", OPTIONS).send(records)).rejects.toThrow("cannot be reached: ");
  expect(() => gatewayTarget("127.0.0.1:8080", OPTIONS)).toThrow("expected an address such as http://127.0.0.1:8080");
});

test("CN-4: while a gateway restarts the same request is tried again, and the user hears of it once", async () => {
  const taken = { status: 202, body: '{"accepted":2,"refused":0,"refusals":[]}' };
  const { url, bodies } = await gatewaySaying(taken, null, null, { status: 502, body: "bad gateway" }, taken);
  const told: string[] = [];
  const target = gatewayTarget(url, { ...OPTIONS, tell: (line) => told.push(line) });
  await target.send(records);
  expect(await target.send(records)).toEqual({ refused: 0 });
  expect(new Set(bodies)).toEqual(new Set(["POST /api/v1/events?maxPast=1000ms a\nb"]));
  expect(bodies.length).toBe(5);
  expect(told).toEqual([
    expect.stringMatching(/cannot be reached: .*; trying again for up to 300 s$/),
    `${url}/api/v1/events?maxPast=1000ms answers again`,
  ]);
});

test("a gateway that stays away ends the import after `patienceMs`", async () => {
  const taken = { status: 202, body: '{"accepted":2,"refused":0,"refusals":[]}' };
  const { url } = await gatewaySaying(taken, ...Array.from({ length: 100 }, () => null));
  const target = gatewayTarget(url, { ...OPTIONS, patienceMs: 500 });
  await target.send(records);
  await expect(target.send(records)).rejects.toThrow("cannot be reached: ");
});

test("CN-4: a request has at most 200 events with an id of a machine, so that all of them are known when it is sent again", async () => {
  const batches: (string | Uint8Array | null)[][] = [];
  const sending = new EventSending({
    send: async (sent) => {
      batches.push(sent.map(({ key }) => key));
      return { refused: 0 };
    },
  });
  for (let i = 0; i < 1_000; i++) {
    sending.take("counts", Buffer.from("c"), true);
    sending.take("states", Buffer.from("s"));
  }
  await sending.end();
  expect(sending.accepted).toBe(2_000);
  for (const keys of batches) expect(keys.filter((key) => key === "counts").length).toBeLessThanOrEqual(200);
  expect(batches.length).toBe(5);
});
