/** What POST /corrections puts on the log, and how a request waits for a correction's effect. */
import type { Store } from "@oee/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  FILLER,
  liveRecord,
  MINUTE,
  openTestStore,
  START,
  startGateway,
  type TestGateway,
} from "../../test/gateway-fixture.ts";
import { valuesOn } from "../../test/memory-topics.ts";
import { keptBy, saidBy } from "../../../../tests/support/sign-in.ts";

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(() => closeStore());
beforeEach(async () => {
  gateway = await startGateway(store);
});
afterEach(() => gateway.close());

async function post(body: object): Promise<{ status: number; json: unknown }> {
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(`${gateway.url}/api/v1/corrections`, init);
  return { status: response.status, json: await response.json() };
}

async function logged(): Promise<readonly unknown[]> {
  const values = await valuesOn(gateway.log, gateway.topics.events.name);
  return values.map((value) => JSON.parse(value.toString()) as unknown);
}

describe("POST /corrections", () => {
  const correction = { machine: FILLER, from: START, to: START + MINUTE, reason: "mechanical/jam", ...saidBy("anna") };

  test("TL-7: a correction gets an instant and an id, and the wait for it ends when the machine's record lists it", async () => {
    const { status, json } = await post(correction);
    expect(status).toBe(202);
    const { id, at, wait } = json as { id: string; at: string; wait: string };
    expect(at).toBe("2026-03-02T13:00:00.000Z");
    expect(await logged()).toEqual([{ ...correction, by: keptBy("anna"), type: "correction", at, id }]);

    const pending = await fetch(`${gateway.url}${wait}&timeout=0`);
    expect([pending.status, await pending.json()]).toEqual([202, { id, machine: FILLER, inEffect: false }]);
    const waiting = fetch(`${gateway.url}${wait}&timeout=30s`);
    gateway.live.publish(liveRecord(FILLER, gateway.now, { corrections: ["another"] }));
    gateway.live.publish(liveRecord(FILLER, gateway.now, { corrections: ["another", id] }));
    const done = await waiting;
    expect([done.status, await done.json()]).toEqual([200, { id, machine: FILLER, inEffect: true }]);
  });

  test("an id and an instant of the sender's own are kept", async () => {
    const own = { ...correction, id: "a/b c", at: "2026-03-02T12:00:00Z", type: "state" };
    const { json } = await post(own);
    expect(json).toMatchObject({ id: "a/b c", at: "2026-03-02T12:00:00.000Z" });
    const { wait } = json as { wait: string };
    gateway.live.publish(liveRecord(FILLER, gateway.now, { corrections: ["a/b c"] }));
    expect((await fetch(gateway.url + wait)).status).toBe(200);
  });

  test.each([
    [{ ...correction, reason: undefined }, "invalid"],
    [{ ...correction, machine: "berlin/nowhere/x/y" }, "unknown-machine"],
    [{ ...correction, reason: undefined, state: "flying" }, "unknown-state"],
  ])("DI-2: %o is refused as %s, with what was expected", async (body, refusal) => {
    const { status, json } = await post(body);
    expect(status).toBe(422);
    expect(json).toMatchObject({ code: "OEE_HTTP_CORRECTION_REFUSED", refusal });
    expect(await logged()).toEqual([]);
  });
});
