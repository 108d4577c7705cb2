/** Closed time: corrections of it need a note, those of later time do not. */
import { formatInstant } from "@oee/model";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import {
  FILLER,
  HOUR,
  MINUTE,
  openTestStore,
  openGateway,
  OVEN,
  START,
  startGateway,
  type TestGateway,
} from "../../test/gateway-fixture.ts";
import { saidBy, shownBy } from "../../../../tests/support/sign-in.ts";

let opened: { readonly store: Store; readonly close: () => Promise<void> };
let gateway: TestGateway;
beforeAll(async () => {
  opened = await openTestStore();
  gateway = await startGateway(opened.store);
  gateway.now = START + 48 * HOUR;
});
afterAll(async () => {
  await gateway.close();
  await opened.close();
});

async function post(
  path: string,
  body: object,
  url = gateway.url,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(`${url}/api/v1${path}`, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Posts a correction of half an hour that begins some hours after 06:00 in Berlin on 2 March. */
function correct(machine: string, hours: number, more: object = {}): ReturnType<typeof post> {
  const [from, to] = [START + hours * HOUR, START + hours * HOUR + 30 * MINUTE];
  const span = { from: formatInstant(from), to: formatInstant(to) };
  return post("/corrections", { machine, ...span, ...saidBy("fred"), reason: "mechanical/jam", ...more });
}

test("DI-3: a correction of closed time needs a note; one of later time, of other scopes, or after the closing is withdrawn does not", async () => {
  expect((await correct(FILLER, 2)).status).toBe(202);
  const closing = { type: "closing", id: "march-2", rev: 1, scope: "berlin", until: "2026-03-03" };
  expect((await post("/entries", closing)).status).toBe(202);
  expect(await correct(FILLER, 2)).toMatchObject({
    status: 422,
    body: { code: "OEE_HTTP_TIME_CLOSED", detail: expect.stringContaining("before 2026-03-03 is closed") as string },
  });
  expect((await correct(FILLER, 2, { note: " " })).status).toBe(422);
  expect((await correct(FILLER, 2, { note: "the shift book says so" })).status).toBe(202);
  // Midnight in Berlin is 18 hours after 06:00.
  expect((await correct(FILLER, 17.75)).status).toBe(422);
  expect((await correct(FILLER, 18)).status).toBe(202);
  expect((await correct(OVEN, 2)).status).toBe(202);
  expect((await post("/entries", { ...closing, rev: 2, withdrawn: true })).status).toBe(202);
  expect((await correct(FILLER, 2)).status).toBe(202);
});

test("RE-2: a closing without a date, or of an unknown scope, is refused", async () => {
  const closing = { type: "closing", id: "x", rev: 1 };
  expect(await post("/entries", { ...closing, scope: "berlin" })).toMatchObject({ body: { refusal: "invalid" } });
  const nowhere = { ...closing, scope: "paris", until: "2026-03-03" };
  expect(await post("/entries", nowhere)).toMatchObject({ body: { refusal: "unknown-scope" } });
});

test("DI-3, DI-2: POST /events refuses corrections of closed time without a note, each on its own, and takes late events of closed time", async () => {
  // This gateway has no sign-in: with one, POST /events takes no correction at all.
  const open = await openGateway(opened.store);
  onTestFinished(() => open.close());
  const send = (path: string, body: object): ReturnType<typeof post> => post(path, body, open.url);
  const closing = { type: "closing", id: "events", rev: 1, scope: "berlin", until: "2026-03-03" };
  expect((await send("/entries", closing)).status).toBe(202);
  const at = formatInstant(START + HOUR);
  const correction = (more: object = {}): object => {
    const span = { from: formatInstant(START + 2 * HOUR), to: formatInstant(START + 3 * HOUR) };
    // By its own instant the correction was made before the closing, though it comes after it.
    return { type: "correction", machine: FILLER, at, ...span, reason: "mechanical/jam", ...more };
  };
  const late = { type: "state", machine: FILLER, at, state: "down" };
  const { status, body } = await send("/events", [
    correction(),
    late,
    correction({ note: "the shift book says so" }),
  ] as object);
  expect(status).toBe(202);
  expect(body).toEqual({
    accepted: 2,
    refused: 1,
    refusals: [
      { index: 0, code: "closed", detail: expect.stringContaining("(closing events); expected a note") as string },
    ],
  });
  expect((await send("/entries", { ...closing, rev: 2, withdrawn: true })).status).toBe(202);
  expect((await send("/events", correction())).body).toMatchObject({ accepted: 1 });
});

test("DI-3: GET /closings lists the late events and corrections that came after a closing, with who made them", async () => {
  const made = gateway.now;
  const closing = {
    type: "closing",
    id: "told",
    rev: 1,
    at: formatInstant(made),
    scope: "berlin",
    until: "2026-03-03",
  };
  expect((await post("/entries", closing)).status).toBe(202);
  let offset = 0;
  const raw = async (
    type: "state" | "correction",
    at: number,
    receivedAt: number,
    more: object = {},
  ): Promise<void> => {
    const event = { type, machine: FILLER, at, ...more };
    const place = { topic: gateway.topics.events.name, partition: 0, offset: offset++, index: 0, receivedAt };
    const record = { machine: FILLER, type, at, ...place, id: null, repeat: false, raw: JSON.stringify(event) };
    await opened.store.insertEvents([record]);
  };
  const closed = START + HOUR;
  await raw("state", closed, made - 1, { state: "down" });
  await raw("state", closed + 1, made, { state: "running" });
  await raw("state", closed + 2, made + 5, { state: "down" });
  // An event of time that is not closed.
  await raw("state", START + 20 * HOUR, made + 5, { state: "running" });
  const span = { from: closed, to: closed + HOUR, state: "down", note: "why" };
  await raw("correction", made - 1, made - 1, { ...span, by: "anna" });
  // Made before it was closed, where there was no network: it came after.
  await raw("correction", made - 1, made, { ...span, by: "anna" });
  await raw("correction", made, made, { ...span, by: "anna" });
  await raw("correction", made + 1, made + 1, span);
  gateway.now = made + MINUTE;
  const answer = (await (await fetch(`${gateway.url}/api/v1/closings?scope=berlin`)).json()) as unknown;
  expect(answer).toEqual([
    {
      ...{
        id: "told",
        rev: 1,
        scope: "berlin",
        until: "2026-03-03",
        by: shownBy(null),
        at: formatInstant(made),
        note: null,
      },
      since: { lateEvents: 2, corrections: 3, correctionsBy: { anna: 2, "": 1 } },
    },
  ]);
  expect(await (await fetch(`${gateway.url}/api/v1/closings?scope=recife`)).json()).toEqual([]);
});
