/** Baselines, targets, pilots and actions with their present figures, of a day of which three hours are known. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { gatewayOfOven, type OvenGateway } from "../../test/oven.ts";

let oven: OvenGateway;
beforeAll(async () => {
  oven = await gatewayOfOven();
});
afterAll(() => oven.close());

const DAY = { scope: "recife", from: "2026-03-02", to: "2026-03-03" };

test("BL-2: a preview of a baseline has its figures, or why it would be refused, and enters nothing", async () => {
  // 3 of 24 hours are known; 150 of their 180 minutes the oven ran.
  const refused = await oven.ask("/baselines/preview", DAY);
  expect(refused).toMatchObject({ status: 422, body: { detail: expect.stringContaining("low-coverage") as string } });
  const { status, body } = await oven.ask("/baselines/preview", { ...DAY, minCoverage: 0.1 });
  expect([status, body]).toMatchObject([
    200,
    { id: "preview", effective: "2026-03-03", kpis: { availability: 150 / 180, coverage: 3 / 24 } },
  ]);
  expect((await oven.ask("/entries")).body).toEqual([]);
});

test("TG: targets are those of the scope and below, by measure where one is asked for", async () => {
  const target = { type: "target", rev: 1, scope: "recife", value: 0.8, minCoverage: 0.1 };
  const entries = [
    { ...target, id: "ready", measure: "availability" },
    { ...target, id: "all", measure: "oee", scope: "*" },
    { ...target, id: "whole", measure: "oee", scope: "recife/hall" },
  ];
  expect((await oven.ask("/entries", entries)).status).toBe(202);
  const idsOf = async (query: string): Promise<readonly string[]> =>
    (await oven.ask<readonly { readonly id: string }[]>(`/targets?${query}`)).body.map(({ id }) => id);
  expect(await idsOf("scope=recife")).toEqual(["ready", "whole"]);
  expect(await idsOf("scope=recife&measure=oee")).toEqual(["whole"]);
  expect(await idsOf("scope=recife/hall")).toEqual(["whole"]);
  expect(await idsOf("")).toEqual(["ready", "all", "whole"]);
});

test("PI, AC: a pilot or an action that was withdrawn is not there any more", async () => {
  const action = { type: "action", id: "guide", rev: 1, scope: "recife", title: "Guide", addresses: "availability" };
  expect((await oven.ask("/entries", action)).status).toBe(202);
  expect(await oven.ask("/actions/guide")).toMatchObject({ status: 200, body: { title: "Guide", state: "open" } });
  expect((await oven.ask("/actions?scope=recife&state=open")).body).toMatchObject([{ id: "guide" }]);
  expect((await oven.ask("/actions?scope=recife&state=overdue")).body).toEqual([]);
  expect((await oven.ask("/entries", { ...action, rev: 2, withdrawn: true })).status).toBe(202);
  expect(await oven.ask("/actions/guide")).toMatchObject({
    status: 404,
    body: { detail: 'there is no action "guide" in force' },
  });
  expect((await oven.ask("/actions?scope=recife")).body).toEqual([]);
});
