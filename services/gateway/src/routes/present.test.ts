/** The plant and its live figures over HTTP, and what a scope that there is not is answered. */
import type { LiveElement, PlantDescription } from "@oee/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  FILLER,
  gatewayOfSomeEvents,
  LABELLER,
  liveRecord,
  OVEN,
  type TestGateway,
} from "../../test/gateway-fixture.ts";

let gateway: TestGateway;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ gateway, close } = await gatewayOfSomeEvents());
});
afterAll(() => close());

const get = async <T>(path: string): Promise<T> => (await (await fetch(`${gateway.url}/api/v1${path}`)).json()) as T;

test("the plant's scopes come with parents before children, with kinds, names, units and time zones", async () => {
  const { scopes } = await get<PlantDescription>("/plant");
  const paths = scopes.map(({ path }) => path);
  expect(paths.slice(0, 5)).toEqual(["*", "berlin", "berlin/packing", "berlin/packing/l1", FILLER]);
  expect(scopes.find(({ path }) => path === FILLER)).toMatchObject({ kind: "machine", name: "Filler" });
  expect(scopes.find(({ path }) => path === OVEN)).toMatchObject({ unit: "kg", timezone: "America/Recife" });
});

test("the live picture of scopes is answered in the order in which they are asked for", async () => {
  gateway.live.publish(liveRecord(LABELLER, gateway.now, { state: "down", category: "unplannedStop" }));
  const { elements } = await get<{ readonly elements: readonly LiveElement[] }>(
    `/live?scope=${LABELLER},berlin/packing/l1`,
  );
  expect(elements.map(({ scope, machine }) => [scope, machine?.state ?? null])).toEqual([
    [LABELLER, "down"],
    ["berlin/packing/l1", null],
  ]);
});

test("a scope that the plant does not have is told", async () => {
  expect(await get("/live?scope=berlin/nowhere")).toMatchObject({ status: 404, code: "OEE_HTTP_UNKNOWN_SCOPE" });
});
