/** The demo's own entries and its review, at a gateway on which people sign in: by the people of the simulation. */
import { demoEntries } from "@oee/simulator";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { START, openTestStore } from "../../services/gateway/test/gateway-fixture.ts";
import { startSigned } from "../../services/gateway/test/signed-in.ts";
import { postingTo } from "../../services/oee/src/live/demo-entries.ts";

let store: Store;
let closeStore: () => Promise<void>;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(() => closeStore());

interface Shown {
  readonly id: string;
  readonly by: string | null;
}

test("simulated entries are posted by the people whom they name, whose sessions are then ended", async () => {
  const gateway = await startSigned(store, { root: ["admin"] });
  const json = async <T>(path: string): Promise<T> => (await (await gateway.as("root", path)).json()) as T;
  try {
    const post = postingTo(gateway.app);
    const action = demoEntries(START).find(({ type }) => type === "action");
    const entry = { ...action, scope: "berlin/packing/l1" };
    expect((await post("/api/v1/entries", entry)).status).toBe(202);
    // The same as after a restart.
    await gateway.app.people?.leave();
    expect((await post("/api/v1/entries", entry)).status).toBeLessThan(300);
    const [shown, ...more] = await json<readonly Shown[]>("/api/v1/entries?type=action");
    expect([shown?.id, shown?.by, more]).toEqual([action?.["id"], action?.["by"], []]);
    const names = async (): Promise<readonly string[]> =>
      (await json<readonly { readonly name: string }[]>("/api/v1/sessions")).map(({ name }) => name);
    expect(await names()).toContain(action?.["by"]);
    await gateway.app.people?.leave();
    expect(await names()).toEqual(["root"]);
    const person = (await json<readonly { readonly id: string; readonly name: string }[]>("/api/v1/people")).find(
      ({ name }) => name === action?.["by"],
    );
    const told = async (): Promise<readonly string[]> =>
      (await store.auditRows({ who: person?.id ?? "nobody", limit: 100 })).map(({ kind }) => kind);
    const kinds = ["sign-in", "entry", "sign-out", "sign-in", "entry", "sign-out"];
    await expect.poll(told).toEqual(kinds);
  } finally {
    await gateway.close();
  }
});
