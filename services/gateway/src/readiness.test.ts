import type { Store } from "@oee/store";
import { expect, onTestFinished, test } from "vitest";
import { openTestStore, startGateway } from "../test/gateway-fixture.ts";

interface Ready {
  readonly status: string;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

/** What readiness says of a gateway before a store that answers `ping` so. */
async function readyWith(ping: (store: Store) => Promise<void>): Promise<{ ready(): Promise<Ready> }> {
  const { store, close } = await openTestStore();
  const gateway = await startGateway({ ...store, ping: () => ping(store) });
  onTestFinished(async () => {
    await gateway.close();
    await close();
  });
  return {
    ready: async () => (await (await fetch(`${gateway.url}/health/ready`)).json()) as Ready,
  };
}

const storeCheck = ({ checks }: Ready): unknown => checks.find(({ name }) => name === "store");

test("a store that does not answer, or not in time, makes the gateway not ready, with what was found", async () => {
  let fault: Promise<never> = Promise.reject(new Error("the disk is full"));
  fault.catch(() => undefined);
  const { ready } = await readyWith(() => fault);
  const refused = await ready();
  expect([refused.status, storeCheck(refused)]).toEqual([
    "not-ready",
    { name: "store", ok: false, detail: "the disk is full" },
  ]);
  fault = new Promise(() => undefined);
  // The answer of before counts for a second.
  await expect
    .poll(async () => storeCheck(await ready()), { interval: 200 })
    .toEqual({ name: "store", ok: false, detail: "no answer within 2000 ms" });
});

test("however often readiness is requested, the store is asked once a second", async () => {
  let asked = 0;
  const { ready } = await readyWith((store) => (asked++, store.ping()));
  const began = performance.now();
  const all = await Promise.all(Array.from({ length: 50 }, ready));
  const seconds = Math.ceil((performance.now() - began) / 1_000);
  expect(all.map(storeCheck)).toEqual(all.map(() => ({ name: "store", ok: true, detail: "answers" })));
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThanOrEqual(seconds);
});
