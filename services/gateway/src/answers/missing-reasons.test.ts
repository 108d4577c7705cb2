/** Which stops need a reason (RS-1), before a real store. */
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  eventAt,
  FILLER,
  HOUR,
  MINUTE,
  openTestStore,
  PLANT_TEXT,
  plantOf,
  PRESS,
  START,
  startGateway,
  storeHistory,
  type TestGateway,
} from "../../test/gateway-fixture.ts";

const NOW = START + 3 * HOUR;
const state = (machine: string, minutes: number, name: string, reason?: string): object =>
  eventAt(machine, minutes, { type: "state", state: name, ...(reason === undefined ? {} : { reason }) });

const EVENTS = [
  state(FILLER, 0, "running"),
  // This stop of two minutes is minor.
  state(FILLER, 5, "down"),
  state(FILLER, 7, "running"),
  // This stop of ten minutes is not minor, but shorter than the filler's reasonAfter of 15 min.
  state(FILLER, 10, "down"),
  state(FILLER, 20, "running"),
  // This stop of twenty minutes has two segments, one of them with a reason.
  state(FILLER, 30, "idle"),
  state(FILLER, 42, "down", "mechanical/jam"),
  state(FILLER, 50, "running"),
  // "Other" is vague and counts as no reason.
  state(PRESS, 0, "running"),
  state(PRESS, 60, "down", "other/unsaid"),
  state(PRESS, 90, "running"),
  state(PRESS, 100, "down", "mechanical"),
  state(PRESS, 110, "running"),
  // This stop is open; it is the shorter one so far.
  state(PRESS, 170, "down"),
];

const PLANT = plantOf(
  PLANT_TEXT.replace("costPerHour: 1800 }", "costPerHour: 1800, reasonAfter: 15m }")
    .replace("owners: [", "owners: [{ scope: berlin/packing/l2, accountable: fitter }, ")
    .replace("reasons:", "reasons:\n  other: { vague: true, children: { unsaid: {}, known: { vague: false } } }"),
);

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeHistory(store, EVENTS, NOW, 1n);
  gateway = await startGateway(store);
  gateway.now = NOW;
  gateway.plant = PLANT;
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});

interface Missing {
  readonly machine: string;
  readonly from: string;
  readonly since: string;
  readonly reason: string | null;
  readonly open: boolean;
  readonly owner: string | null;
}

async function missing(query: string): Promise<{ readonly total: string | null; readonly rows: readonly Missing[] }> {
  const response = await fetch(`${gateway.url}/api/v1/reasons/missing?${query}`);
  expect(response.status).toBe(200);
  return { total: response.headers.get("oee-total"), rows: (await response.json()) as Missing[] };
}

/** A row as its machine, the minutes from START to the beginning of its segment and of its stop, and so on. */
function brief({ machine, from, since, reason, open, owner }: Missing): readonly unknown[] {
  const minute = (text: string): number => (Date.parse(text) - START) / MINUTE;
  return [machine, minute(from), minute(since), reason, open, owner];
}

test("RS-1: open stops come first, then the longest; a vague reason counts as none; minor and short stops need none", async () => {
  const { rows, total } = await missing("scope=berlin");
  expect(rows.map(brief)).toEqual([
    [PRESS, 170, 170, null, true, "fitter"],
    [PRESS, 60, 60, "other/unsaid", false, "fitter"],
    [FILLER, 30, 30, null, false, "boss"],
  ]);
  expect(total).toBe("3");
});

test("RS-1: a stop that began before the period counts with its whole length", async () => {
  // 9 of the 20 min of the filler's stop lie in the period, and 1 of these in the segment without a reason.
  const { rows } = await missing(`scope=${FILLER}&from=${START + 41 * MINUTE}`);
  expect(rows.map(brief)).toEqual([[FILLER, 30, 30, null, false, "boss"]]);
});

test("RS-1: rows that the limit leaves out are counted", async () => {
  const { rows, total } = await missing("scope=*&limit=1");
  expect(rows).toHaveLength(1);
  expect(total).toBe("3");
});

test("RE-4: the answer names its position, its instant and the plant's version, and waits for the position that is asked for", async () => {
  const url = `${gateway.url}/api/v1/reasons/missing?scope=berlin`;
  const { headers } = await fetch(url);
  const position = headers.get("oee-position") ?? "";
  expect(JSON.parse(position)).toMatchObject({ "test.entries": { 0: 0 } });
  expect(headers.get("oee-reflects")).toMatch(/Z$/);
  expect(headers.get("oee-plant")).toMatch(/^[0-9a-f]+$/);
  expect((await fetch(url, { headers: { "oee-position": position } })).status).toBe(200);
  expect((await fetch(url, { headers: { "oee-position": "17" } })).status).toBe(400);
});
