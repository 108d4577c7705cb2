import { afterAll, beforeAll, expect, test } from "vitest";
import { FILLER, OVEN, START } from "../../test/gateway-fixture.ts";
import { gatewayOfOven, type OvenGateway } from "../../test/oven.ts";

/** The oven was down from 06:00Z for half an hour; the rule `long` is for stops of 20 minutes. */
const TICKET = `long/${OVEN}@2026-03-02T06:00:00.000Z`;
const pathOf = (ticket: string): string => `/alerts/${encodeURIComponent(ticket)}`;

let oven: OvenGateway;
beforeAll(async () => {
  oven = await gatewayOfOven();
});
afterAll(() => oven.close());

test("AL-1, AL-3: an alert of a machine needs no keeper: it is computed, and acknowledged by its ticket", async () => {
  const alert = {
    ticket: TICKET,
    rule: "long",
    opens: "2026-03-02T06:20:00.000Z",
    resolves: "2026-03-02T06:30:00.000Z",
  };
  expect((await oven.ask(`/alerts?scope=recife&from=${START}`)).body).toMatchObject([
    { ...alert, state: "resolved", acknowledged: null },
  ]);
  expect((await oven.ask(`/alerts?scope=recife&from=${START}&state=open`)).body).toEqual([]);
  expect((await oven.ask(`/alert-rules?scope=recife&from=${START}`)).body).toMatchObject([
    { rule: "long", alerts: 1, open: 0, withdrawn: 0 },
  ]);
  const said = await oven.ask(`${pathOf(TICKET)}/acknowledgements`, { at: "2026-03-02T06:25:00.000Z" });
  expect(said).toMatchObject({ status: 202, body: { accepted: 1, entries: [{ type: "acknowledgement", rev: 1 }] } });
  expect(await oven.ask(pathOf(TICKET))).toMatchObject({
    status: 200,
    body: { ...alert, acknowledged: "2026-03-02T06:25:00.000Z" },
  });
});

test("a ticket of a rule, or of a machine, that the plant lacks is not acknowledged", async () => {
  for (const ticket of [`short/${OVEN}@2026-03-02T06:00:00.000Z`, "long/nowhere@2026-03-02T06:00:00.000Z", "long"]) {
    const said = await oven.ask(`${pathOf(ticket)}/acknowledgements`, {});
    expect(said).toMatchObject({ status: 404, body: { detail: `there is no alert ${JSON.stringify(ticket)}` } });
  }
  expect((await oven.ask(pathOf(`long/${FILLER}@2026-03-02T06:00:00.000Z`))).status).toBe(404);
});
