/**
 * Asks each route the question that costs it most, about a plant of 5,000 machines, 50 sites and 20,000 reasons, while live
 * figures go to a screen. With `OEE_MEASURE=1` it prints how long each answer took, how long the event loop was held up
 * meanwhile, and how late the live figures were; no time is asserted.
 */
import type { LiveMessage } from "@oee/protocol";
import type { StopSegment } from "@oee/model";
import { COMPONENT_NAMES, type Row } from "@oee/model";
import type { Store } from "@oee/store";
import type { Socket } from "socket.io-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HeldUp } from "../test/held-up.ts";
import { liveSocket } from "../test/live-socket.ts";
import { bigPlantText, dearestQuestions } from "../test/requests.ts";
import {
  HOUR,
  liveRecord,
  MINUTE,
  openTestStore,
  plantOf,
  START,
  openGateway,
  type TestGateway,
} from "../test/gateway-fixture.ts";

const NOW = START + 8 * HOUR;
const SHOWN = "s0/a/l0/m0";
const PLANT = plantOf(bigPlantText());
const MEASURE = process.env["OEE_MEASURE"] === "1";

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;
let screen: Socket;
let publishing: NodeJS.Timeout;
const late: number[] = [];

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  const stamp = { version: 1n, plantVersion: PLANT.plant.version };
  const zeros = Object.fromEntries(COMPONENT_NAMES.map((name) => [name, 0])) as unknown as Row;
  const rows = PLANT.plant.machines.flatMap(({ id }) =>
    Array.from({ length: 10 }, (_, i): Row => {
      const head = {
        machine: id,
        product: `p${i % 3}`,
        shift: null,
        shiftDate: null,
        taktUs: null,
        costPerHour: null,
        decimals: 0,
      };
      // Each machine has a hole of two minutes without rows.
      return { ...zeros, ...head, from: NOW - HOUR + (i < 5 ? i : i + 2) * MINUTE, runTime: MINUTE, goodCount: 50 };
    }),
  );
  await store.insertRows(rows, stamp);
  const stops = PLANT.plant.machines.flatMap(({ id }, n) =>
    Array.from({ length: 4 }, (_, i): StopSegment => {
      const from = NOW - 10 * HOUR + i * HOUR;
      const reason = `group-${n % 200}/reason-${1 + ((n + i) % 99)}`;
      const more = { state: "down", category: "unplannedStop", failure: true, minor: false, open: false } as const;
      const none = { shift: null, shiftDate: null, crew: null, product: null, correctedBy: null };
      const duration = 10 * MINUTE;
      return {
        machine: id,
        stop: `${id}@${from}`,
        from,
        to: from + duration,
        reason,
        ...more,
        ...none,
        duration,
        scheduledDuration: duration,
      };
    }),
  );
  await store.insertStops(stops, stamp);
  // The questions are those of a gateway without sign-in.
  gateway = await openGateway(store, { plant: () => PLANT, clock: () => NOW });
  screen = liveSocket(gateway.url, { reconnection: false });
  const sent = new Map<string, number>();
  screen.on("update", ({ elements }: LiveMessage) => {
    const at = sent.get(elements[0]?.machine?.order ?? "");
    if (at !== undefined) late.push(performance.now() - at);
  });
  await new Promise((resolve) =>
    screen.on("snapshot", resolve).emit("subscribe", { scopes: [SHOWN], windows: ["1h"] }),
  );
  let order = 0;
  publishing = setInterval(() => {
    sent.set(String(++order), performance.now());
    gateway.live.publish(liveRecord(SHOWN, NOW + order, { order: String(order) }));
  }, 300);
});
afterAll(async () => {
  clearInterval(publishing);
  screen.disconnect();
  await gateway.close();
  await closeStore();
});

test("each route has a question that costs it most, and answers it", async () => {
  const document = (await (await fetch(`${gateway.url}/api/docs/json`)).json()) as {
    readonly paths: Readonly<Record<string, object>>;
  };
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  const questions = dearestQuestions(NOW);
  expect(Object.keys(questions).toSorted()).toEqual(routes.toSorted());
  const heldUp = new HeldUp();
  for (const [route, asked] of Object.entries(questions)) {
    for (const { url, init, status } of asked) {
      late.length = 0;
      if (MEASURE) heldUp.start();
      const began = performance.now();
      const response = await fetch(`${gateway.url}/api/v1${url}`, init);
      // The answer's bytes are counted and dropped, so that the test's own memory does not slow what is measured.
      let bytes = 0;
      for await (const piece of response.body ?? []) bytes += (piece as Uint8Array).length;
      const tookMs = performance.now() - began;
      expect([route, url.slice(0, 80), response.status]).toEqual([route, url.slice(0, 80), status]);
      if (!MEASURE) continue;
      const { clockMs, computedMs } = heldUp.stop();
      const latest = Math.max(0, ...late).toFixed(0);
      const heap = (process.memoryUsage().rss / 2 ** 20).toFixed(0);
      process.stdout.write(
        `${url.slice(0, 60).padEnd(62)} ${status} ${tookMs.toFixed(0).padStart(7)} ms ${(bytes / 2 ** 20).toFixed(1).padStart(6)} MB, loop held up ${clockMs.toFixed(0).padStart(4)} ms (${computedMs.toFixed(0)} ms computing), live figures late by ${latest.padStart(4)} ms at most, ${heap} MiB\n`,
      );
    }
  }
});

test("a screen of every machine, and one of many scopes, get their snapshot", async () => {
  const scopes = [...PLANT.plant.scopes.keys()];
  for (const wanted of [["*"], scopes.slice(0, 1_000)]) {
    const client = liveSocket(gateway.url, { reconnection: false });
    const snapshot = await new Promise<LiveMessage>((resolve, reject) => {
      client.on("snapshot", resolve).on("refused", reject).on("connect_error", reject);
      client.emit("subscribe", { scopes: wanted, windows: ["1h", "shift"] });
    });
    expect(snapshot.elements.map(({ scope }) => scope)).toEqual(wanted);
    client.disconnect();
  }
});

test("GET /plant and /live describe the whole plant", async () => {
  const plant = (await (await fetch(`${gateway.url}/api/v1/plant`)).json()) as {
    scopes: unknown[];
    reasons: unknown[];
  };
  expect([plant.scopes.length, plant.reasons.length]).toEqual([1 + 50 + 50 + 500 + 5_000, 20_000]);
  const kpis = await (await fetch(`${gateway.url}/api/v1/kpis?from=now-1h&by=line`)).text();
  expect((JSON.parse(kpis) as unknown[]).length).toBe(500);
  expect(kpis).not.toMatch(/NaN|Infinity/);
});
