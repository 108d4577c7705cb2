import { expect, onTestFinished, test } from "vitest";
import { MINUTE, OVEN, START } from "../../test/gateway-fixture.ts";
import { gatewayOfOven } from "../../test/oven.ts";

test("RS-1: as a table each stop has its columns, and a limit or a period that makes no sense is refused", async () => {
  const { ask, gateway, close } = await gatewayOfOven();
  onTestFinished(close);
  const path = `/reasons/missing?scope=recife&from=${START}`;
  const csv = await fetch(`${gateway.url}/api/v1${path}`, { headers: { accept: "text/csv" } });
  const [head = "", row = "", rest] = (await csv.text()).split(/\r?\n/);
  const names = head.split(",");
  const shown = Object.fromEntries(row.split(",").map((value, i) => [names[i], value]));
  expect(shown).toMatchObject({ machine: OVEN, from: "2026-03-02T06:00:00.000Z", state: "down", owner: "boss" });
  expect(Number(shown["scheduledDuration"])).toBe(30 * MINUTE);
  expect([rest, csv.headers.get("oee-total")]).toEqual(["", "1"]);
  // A period that ends before the stop begins has none; one that touches it has it whole.
  expect((await ask(`${path}&to=${START + 60 * MINUTE}`)).body).toEqual([]);
  expect((await ask(`${path}&to=${START + 61 * MINUTE}`)).body).toMatchObject([{ machine: OVEN }]);
  for (const query of ["limit=0", "limit=10001", `to=${START - 1}`]) {
    expect([query, (await ask(`${path}&${query}`)).status]).toEqual([query, 400]);
  }
});
