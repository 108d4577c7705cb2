import type { LiveElement, LiveMessage, SubscribeRequest } from "@oee/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import { elementOf, machineOf, scope } from "../../../test/plant-fixture.ts";
import { LiveClient, type LiveTransport, SILENCE_MS, type TransportHandlers } from "./live-client.ts";

const FILLER = "berlin/packing/l1/filler";
const SERVER_START = Date.parse("2026-03-02T09:00:00Z");

/** A client whose connection the test plays: `handlers` takes what the server sends, `mono` is the device's monotonic time (ms). */
let mono: number;
let handlers: TransportHandlers;
let requests: SubscribeRequest[];
let reconnects: number;
let reloads: number;
let client: LiveClient;

function element(name: string, path = FILLER): LiveElement {
  return elementOf(scope(path, "machine", name), { machine: machineOf("running", 1) });
}

function message(sequence: number, elements: readonly LiveElement[], more: Partial<LiveMessage> = {}): LiveMessage {
  return { sequence, emittedAt: SERVER_START + mono, reflects: null, version: "1", elements, ...more };
}

beforeEach(() => {
  mono = 1_000;
  requests = [];
  reconnects = 0;
  reloads = 0;
  const transport: LiveTransport = {
    open: (given) => {
      handlers = given;
    },
    subscribe: (request) => requests.push(request),
    reconnect: () => {
      reconnects++;
    },
    close: () => undefined,
  };
  client = new LiveClient({
    transport,
    request: { scopes: [FILLER], windows: ["shift"] },
    machines: [],
    monotonicNow: () => mono,
    onVersionChange: () => {
      reloads++;
    },
  });
  client.start();
  handlers.onConnect();
});

function goLive(): void {
  handlers.onSnapshot(message(1, [element("Filler")]));
}

describe("W-3: a picture is live only while the server speaks", () => {
  test("W-3: nothing is known before the first snapshot, an update notwithstanding", () => {
    handlers.onUpdate(message(1, [element("Filler")]));
    expect(client.status).toEqual({ kind: "connecting", problem: null });
    expect(client.element(FILLER)).toBeUndefined();
    goLive();
    expect(client.status.kind).toBe("live");
    expect(client.element(FILLER)?.name).toBe("Filler");
  });

  test("W-3: after 5 s of silence it is lost since the last sign of life, and durations stop there", () => {
    goLive();
    const heardAt = SERVER_START + mono;
    mono += SILENCE_MS - 1;
    client.tick();
    expect(client.status.kind).toBe("live");
    mono += 1;
    client.tick();
    expect(client.status).toEqual({ kind: "lost", since: heardAt, cause: "silent" });
    mono += 60_000;
    expect(client.knownUntil()).toBe(heardAt);
    expect(client.serverNow()).toBe(heardAt + SILENCE_MS + 60_000);
  });

  test("W-3: a heartbeat is a sign of life", () => {
    goLive();
    for (let i = 0; i < 10; i++) {
      mono += 2_000;
      handlers.onHeartbeat(SERVER_START + mono);
      client.tick();
    }
    expect(client.status.kind).toBe("live");
  });

  test("W-3: when it speaks again a fresh snapshot is asked for, and only that makes it live", () => {
    goLive();
    mono += SILENCE_MS;
    client.tick();
    expect(requests).toHaveLength(1);
    handlers.onHeartbeat(SERVER_START + mono);
    expect(requests).toHaveLength(2);
    expect(client.status.kind).toBe("lost");
    handlers.onHeartbeat(SERVER_START + mono);
    expect(requests).toHaveLength(2);
    handlers.onSnapshot(message(1, [element("Filler, changed")]));
    expect(client.status.kind).toBe("live");
    expect(client.element(FILLER)?.name).toBe("Filler, changed");
  });

  test("W-3: a lost connection is told at once, and each new one asks for a snapshot", () => {
    goLive();
    handlers.onDisconnect();
    expect(client.status).toMatchObject({ kind: "lost", cause: "disconnected" });
    handlers.onConnect();
    handlers.onUpdate(message(7, [element("too early")]));
    expect(client.element(FILLER)?.name).toBe("Filler");
    handlers.onSnapshot(message(1, [element("Filler again")]));
    expect(client.status.kind).toBe("live");
    expect(client.element(FILLER)?.name).toBe("Filler again");
  });

  test("W-3: a snapshot that does not come is asked for again; a connection that stays silent is made anew", () => {
    mono += 5_000;
    client.tick();
    expect(requests).toHaveLength(2);
    goLive();
    mono += 15_000;
    client.tick();
    client.tick();
    expect(reconnects).toBe(1);
  });
});

describe("sequence numbers", () => {
  test("a gap asks for a fresh snapshot; what came is newer anyway and is shown", () => {
    goLive();
    handlers.onUpdate(message(2, [element("second")]));
    expect(requests).toHaveLength(1);
    handlers.onUpdate(message(4, [element("fourth")]));
    expect(client.element(FILLER)?.name).toBe("fourth");
    expect(requests).toHaveLength(2);
  });

  test("an old or repeated message changes nothing", () => {
    goLive();
    handlers.onUpdate(message(2, [element("second")]));
    handlers.onUpdate(message(2, [element("repeated")]));
    handlers.onUpdate(message(1, [element("old")]));
    expect(client.element(FILLER)?.name).toBe("second");
  });
});

describe("W-6: runs for months", () => {
  test("W-6: holds nothing that was not asked for", () => {
    handlers.onSnapshot(message(1, [element("Filler"), element("Other", "berlin/packing/l1/other")]));
    expect(client.element("berlin/packing/l1/other")).toBeUndefined();
  });

  test("W-6: a new version is told once, by update or by snapshot", () => {
    goLive();
    handlers.onUpdate(message(2, [], { version: "2" }));
    expect(reloads).toBe(1);
    handlers.onSnapshot(message(3, [element("Filler")], { version: "3" }));
    expect(reloads).toBe(2);
  });

  test("W-6: what a snapshot no longer holds is forgotten, and its view is told", () => {
    goLive();
    let told = 0;
    const remove = client.onElement(FILLER, () => told++);
    handlers.onSnapshot(message(2, []));
    expect(client.element(FILLER)).toBeUndefined();
    expect(told).toBe(1);
    remove();
    goLive();
    expect(told).toBe(1);
  });
});

test("a refused subscription is told while nothing is shown yet, and asked again", () => {
  handlers.onRefused("the plant has no scope");
  expect(client.status).toEqual({ kind: "connecting", problem: "the plant has no scope" });
  mono += 5_000;
  client.tick();
  expect(requests).toHaveLength(2);
  goLive();
  handlers.onRefused("too many subscriptions");
  expect(client.status.kind).toBe("live");
});

test("W-7: only the views of what changed are told", () => {
  goLive();
  let filler = 0;
  let other = 0;
  client.onElement(FILLER, () => filler++);
  client.onElement("berlin/packing/l1/other", () => other++);
  handlers.onUpdate(message(2, [element("Filler")]));
  expect([filler, other]).toEqual([1, 0]);
});
