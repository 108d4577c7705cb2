/** What POST /events puts on the log, and what it refuses. */
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { type Store } from "@oee/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventAt, FILLER, openTestStore, PRESS, startGateway, type TestGateway } from "../../test/gateway-fixture.ts";
import { credentialLinesFor } from "../../../../tests/support/sign-in.ts";

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(() => closeStore());
beforeEach(async () => {
  gateway = await startGateway(store, { limits: { eventsMax: 3_000, refusalsListedMax: 2 } });
});
afterEach(() => gateway.close());

async function post(path: string, body: string, type = "application/json"): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${gateway.url}/api/v1${path}`, {
    method: "POST",
    headers: { "content-type": type },
    body,
  });
  return { status: response.status, json: await response.json() };
}

/** The events in the log by machine, in order. */
async function logged(): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  await new Promise<void>((resolve) => {
    gateway.log.followKeyed({
      topic: gateway.topics.events.name,
      onBatch: (batch) => {
        for (let i = 0; i < batch.length; i++) {
          const value: unknown = JSON.parse(batch.valueAt(i)?.toString("utf8") ?? "");
          const key = batch.keyAt(i)?.toString("utf8") ?? "";
          found[key] = [...(found[key] ?? []), ...(Array.isArray(value) ? (value as unknown[]) : [value])];
        }
      },
      onCaughtUp: resolve,
    });
  });
  return found;
}

async function headersLogged(): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = [];
  await new Promise<void>((resolve) => {
    gateway.log.followKeyed({
      topic: gateway.topics.events.name,
      onBatch: (batch) => {
        for (let i = 0; i < batch.length; i++) found.push(batch.headersAt(i)["max-past"]?.toString());
      },
      onCaughtUp: resolve,
    });
  });
  return found;
}

const running = eventAt(FILLER, 0, { type: "state", state: "running", "note to self": "kept" });
const count = eventAt(FILLER, 1, { type: "count", good: 5 });
const other = eventAt(PRESS, 1, { type: "state", state: "down" });

describe("POST /events", () => {
  test("one event is in the log as it came", async () => {
    const answer = await post("/events", JSON.stringify(running));
    expect(answer).toEqual({ status: 202, json: { accepted: 1, refused: 0, refusals: [] } });
    expect(await logged()).toEqual({ [FILLER]: [running] });
  });

  test("DI-2: each event of an array is judged on its own, and the order of a machine's events is kept", async () => {
    const events = [running, { ...other, machine: "berlin/nowhere" }, count, other, { ...other, state: "flying" }];
    const { status, json } = await post("/events", JSON.stringify(events));
    expect(status).toBe(202);
    expect(json).toMatchObject({
      accepted: 3,
      refused: 2,
      refusals: [
        { index: 1, code: "unknown-machine" },
        { index: 4, code: "unknown-state" },
      ],
    });
    expect(await logged()).toEqual({ [FILLER]: [running, count], [PRESS]: [other] });
  });

  test("DI-2: each refused line of NDJSON is listed, up to a bound, and the last line needs no line end", async () => {
    const future = { ...count, at: "2026-03-02T13:05:01Z" };
    const lines = [JSON.stringify(running), "", "nonsense", JSON.stringify(future), "{}", JSON.stringify(count)];
    const { status, json } = await post("/events", lines.join("\n"), "application/x-ndjson");
    expect(status).toBe(202);
    expect(json).toMatchObject({
      accepted: 2,
      refused: 3,
      refusals: [
        { index: 1, line: 3, code: "malformed" },
        { index: 2, line: 4, code: "future" },
      ],
    });
    expect(await logged()).toEqual({ [FILLER]: [running, count] });
  });

  test("DI-2: an event of long ago is refused; with `maxPast` it is accepted, and its record has the header of that", async () => {
    const old = { ...running, at: "2003-03-02T05:00:00Z" };
    expect(await post("/events", JSON.stringify(old))).toMatchObject({
      status: 202,
      json: { accepted: 0, refused: 1, refusals: [{ code: "past" }] },
    });
    for (const [body, type] of [
      [JSON.stringify(old), "application/json"],
      [`${JSON.stringify(old)}\n`, "application/x-ndjson"],
    ] as const) {
      expect(await post("/events?maxPast=36500d", body, type)).toMatchObject({ json: { accepted: 1, refused: 0 } });
    }
    expect(await logged()).toEqual({ [FILLER]: [old, old] });
    expect(await headersLogged()).toEqual(["36500d", "36500d"]);
    for (const query of ["?maxPast=long", "?maxPast=", "?maxPast=1d&maxPast=2d", "?maxFuture=1d"]) {
      const { status, json } = await post(`/events${query}`, JSON.stringify(old));
      expect({ query, status, json }).toMatchObject({ status: 400, json: { code: "OEE_HTTP_INVALID_PARAMETER" } });
    }
  });

  test("a body that is no JSON, or has too many events, leaves nothing in the log", async () => {
    expect(await post("/events", `[${JSON.stringify(running)},`)).toMatchObject({
      status: 400,
      json: { code: "OEE_HTTP_INVALID_BODY" },
    });
    const many = Array.from({ length: 3_001 }, () => JSON.stringify(running)).join("\n");
    expect(await post("/events", many, "application/x-ndjson")).toMatchObject({
      status: 413,
      json: { code: "OEE_HTTP_BODY_TOO_LARGE" },
    });
    expect(await logged()).toEqual({});
  });

  test("a sender that disconnects in the middle of a body is no failure of the gateway, and nothing gets into the log", async () => {
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    const head =
      "POST /api/v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ncontent-length: 9999\r\n";
    socket.write(`${head}${credentialLinesFor(gateway.url)}\r\n${JSON.stringify(running)}\n`);
    await setTimeout(100);
    socket.destroy();
    await expect
      .poll(async () => (await fetch(`${gateway.url}/metrics`)).text())
      .toContain('oee_gateway_problems_total{code="OEE_HTTP_INVALID_BODY"} 1');
    expect(await logged()).toEqual({});
  });

  test("a body of many events becomes records that are small enough for the log", async () => {
    const events = Array.from({ length: 3_000 }, (_, i) =>
      eventAt(FILLER, i / 100, { type: "count", good: i, note: "x".repeat(300) }),
    );
    const answer = await post(
      "/events",
      events.map((event) => JSON.stringify(event)).join("\n"),
      "application/x-ndjson",
    );
    expect(answer).toMatchObject({ status: 202, json: { accepted: 3_000, refused: 0 } });
    expect((await logged())[FILLER]).toEqual(events);
  });
});

describe("bodies that cost much", () => {
  const MIB = 1024 * 1024;
  const JSON_TYPE = "application/json";
  const NDJSON_TYPE = "application/x-ndjson";

  /** A JSON array that repeats an element up to a number of bytes. */
  const arrayOf = (element: string, bytes: number): string =>
    `[${`${element},`.repeat(Math.floor(bytes / (element.length + 1)) - 1)}${element}]`;

  const large = `{"a":${arrayOf("[]", MIB - 10)}}`;

  test.each([
    ["empty arrays", JSON_TYPE, arrayOf("[]", 15 * MIB), 413],
    ["an array in one of many events", JSON_TYPE, `[${arrayOf("[]", 15 * MIB)}]`, 413],
    ["one event", JSON_TYPE, `{"a":${arrayOf("[]", 15 * MIB)}}`, 413],
    ["brackets that do not close", JSON_TYPE, "[".repeat(15 * MIB), 413],
    ["events as large as they may be", JSON_TYPE, arrayOf(large, 3 * MIB), 202],
    ["white space", JSON_TYPE, `[${" ".repeat(15 * MIB)}]`, 202],
    ["what is no JSON at its end", JSON_TYPE, `[${'{"type":"x"},'.repeat(2_000)}x]`, 400],
    ["lines that are no events", NDJSON_TYPE, "[]\n".repeat(5 * MIB), 413],
    ["blank lines", NDJSON_TYPE, "\n".repeat(15 * MIB), 202],
    ["lines as large as they may be", NDJSON_TYPE, `${large}\n`.repeat(3), 202],
    ["a line without an end", NDJSON_TYPE, "x".repeat(15 * MIB), 202],
  ])("%s as %s have their answer, and leave nothing in the log", async (_name, type, body, expected) => {
    expect((await post("/events", body, type)).status).toBe(expected);
    expect(await logged()).toEqual({});
  });
});
