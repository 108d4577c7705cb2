/** The gateway waits for the store to reach the position that a request names, and says why not. */
import { formatInstant } from "@oee/model";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FILLER, openTestStore, startGateway, type TestGateway } from "../../test/gateway-fixture.ts";

let opened: { readonly store: Store; readonly close: () => Promise<void> };
let gateway: TestGateway;
beforeAll(async () => {
  opened = await openTestStore();
  gateway = await startGateway(opened.store);
});
afterAll(async () => {
  await gateway.close();
  await opened.close();
});

test("RV-4: an answer waits for the position that the request names, or the error says how far the store is", async () => {
  const ask = (offset: number): Promise<Response> =>
    fetch(`${gateway.url}/api/v1/scorecard?scope=berlin&period=2026-03-02`, {
      headers: { "oee-position": JSON.stringify({ "test.events": { 1: offset } }) },
    });
  const waiting = ask(1);
  const at = Date.UTC(2020, 0, 1);
  const raw = JSON.stringify({ type: "count", machine: FILLER, at: formatInstant(at), good: 0 });
  const place = { topic: "test.events", partition: 1, offset: 0, index: 0, receivedAt: at };
  await opened.store.insertEvents([{ machine: FILLER, type: "count", at, ...place, id: null, repeat: true, raw }]);
  expect((await waiting).status).toBe(200);
  const late = await ask(2);
  expect(late.status).toBe(503);
  expect(await late.json()).toMatchObject({
    code: "OEE_HTTP_POSITION_NOT_REACHED",
    detail: "the store has partition 1 up to 1, not 2",
  });
});
