import { expect, onTestFinished, test } from "vitest";
import { valuesOn } from "../../test/memory-topics.ts";
import { gatewayOfOven } from "../../test/oven.ts";
import { lineIn } from "../audit/audit-line.ts";

test("a table that a page takes out is told with its scope and period; a report that is not one tells nothing", async () => {
  const { ask, gateway, close } = await gatewayOfOven();
  onTestFinished(close);
  const told = async (): Promise<readonly unknown[]> =>
    (await valuesOn(gateway.log, gateway.topics.audit.name))
      .map((value) => lineIn(value))
      .filter((line) => line?.kind === "personal-data-exported")
      .map((line) => [line?.scope, line?.after]);
  const table = { table: "actions", scope: "recife", format: "csv" };
  for (const [more, found] of [
    [{ table: "Actions of anna" }, "table: expected a name"],
    [{ scope: 7 }, "scope: expected a path"],
    [{ format: "json" }, "format: expected csv"],
    [{ from: 0 }, "from: expected an instant, as text"],
    [{ rows: 7 }, "rows"],
  ] as const) {
    const { status, body } = await ask<{ readonly detail: string }>("/exports", { ...table, ...more });
    expect([status, body.detail]).toEqual([400, expect.stringContaining(found)]);
  }
  expect((await ask("/exports", { ...table, scope: "atlantis" })).status).toBe(404);
  expect(await told()).toEqual([]);
  const span = { from: "2026-03-02T05:00:00.000Z", to: "2026-03-02T08:00:00.000Z" };
  expect(await ask("/exports", { ...table, ...span })).toMatchObject({
    status: 202,
    body: { table: "actions", scope: "recife" },
  });
  expect((await ask("/exports", table)).status).toBe(202);
  expect(await told()).toEqual([
    ["recife", { table: "actions", ...span, format: "csv" }],
    ["recife", { table: "actions", format: "csv" }],
  ]);
});
