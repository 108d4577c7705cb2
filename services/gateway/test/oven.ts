/** Three hours of a machine that is always scheduled, for examples that can be worked by hand. */
import type { Machine } from "@oee/model";
import { Turnstile } from "@oee/pacing";
import { RecordedRefusals } from "@oee/review";
import type { Store } from "@oee/store";
import type { FactSources } from "../src/review/stored-events.ts";
import {
  eventAt,
  HOUR,
  machineOf,
  MINUTE,
  openTestStore,
  OVEN,
  recordsOf,
  START,
  startGateway,
  storeHistory,
  type TestGateway,
} from "./gateway-fixture.ts";

export const OVEN_MACHINE: Machine = machineOf(OVEN);
/** The end of what is stored. */
export const OVEN_END: number = START + 3 * HOUR;

/** It runs, is down from the 60th to the 90th minute, and makes cola from the 120th on. */
export const OVEN_EVENTS: readonly object[] = [
  eventAt(OVEN, 0, { type: "state", state: "running" }),
  eventAt(OVEN, 60, { type: "state", state: "down" }),
  eventAt(OVEN, 90, { type: "state", state: "running" }),
  eventAt(OVEN, 120, { type: "job", product: "cola" }),
];

export async function storeOven(store: Store): Promise<void> {
  await storeHistory(store, OVEN_EVENTS, OVEN_END, 1n);
  await store.insertEvents(recordsOf(OVEN_EVENTS, { offset: 0, receivedAt: START }));
}

export function sourcesOf(store: Store): FactSources {
  const turnstile = new Turnstile(2, 100, () => new Error("too many wait"));
  const { signal } = new AbortController();
  return { store, turnstile, signal, refusals: new RecordedRefusals(), recordOf: () => null };
}

/** A period by minutes after the start. */
export function minutes(from: number, to: number): { readonly from: number; readonly to: number } {
  return { from: START + from * MINUTE, to: START + to * MINUTE };
}

export interface OvenAnswer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface OvenGateway {
  readonly store: Store;
  readonly gateway: TestGateway;
  /** Asks a route of the API, by POST where there is a body. */
  ask<T = unknown>(path: string, body?: object): Promise<OvenAnswer<T>>;
  close(): Promise<void>;
}

/** A gateway before a store that has the oven's events, the day after: at 08:00 of 3 March in Recife. */
export async function gatewayOfOven(): Promise<OvenGateway> {
  const { store, close } = await openTestStore();
  await storeOven(store);
  const gateway = await startGateway(store);
  gateway.now = START + 30 * HOUR;
  return {
    store,
    gateway,
    ask: async <T>(path: string, body?: object): Promise<OvenAnswer<T>> => {
      const headers = { "content-type": "application/json" };
      const init = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
      const answer = await fetch(`${gateway.url}/api/v1${path}`, init);
      return { status: answer.status, headers: answer.headers, body: (await answer.json()) as T };
    },
    close: async () => {
      await gateway.close();
      await close();
    },
  };
}
