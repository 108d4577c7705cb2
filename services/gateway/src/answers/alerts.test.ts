import { formatInstant } from "@oee/model";
import type { Store, StoredAlert } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MINUTE, openTestStore, OVEN, PLANT, START } from "../../test/gateway-fixture.ts";
import { openMemoryEntries } from "../../test/memory-topics.ts";
import { minutes, OVEN_END, sourcesOf, storeOven } from "../../test/oven.ts";
import type { MessageRecord } from "../keeper/message-log.ts";
import { answerFrom } from "../review/fact-loader.ts";
import { alertsFound, storedAlert, withMessages } from "./alerts.ts";

const { plant } = PLANT;
/** The oven is down from the 60th minute on; the rule `long` is met after 20 minutes. */
const TICKET = `long/${OVEN}@${formatInstant(START + 60 * MINUTE)}`;

const alert = (ticket: string, more: Partial<StoredAlert> = {}): StoredAlert => ({
  ...{ ticket, rule: "long", kind: "stop", scope: OVEN, reason: null, opens: START + 100 * MINUTE, resolves: null },
  ...{ seen: START + 101 * MINUTE, withdrawn: null },
  ...more,
});
const GONE = alert(`long/${OVEN}@${formatInstant(START + 10 * MINUTE)}`, { withdrawn: START + 120 * MINUTE });
const FALSE = alert(`long/${OVEN}@${formatInstant(START + 11 * MINUTE)}`);
const LATE = alert("long/recife:late", { kind: "late", scope: "recife" });

let store: Store;
let closeStore: () => Promise<void>;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeOven(store);
  await store.insertAlerts([alert(TICKET), GONE, FALSE, LATE], 1n);
});
afterAll(() => closeStore());

async function found(
  path: string,
  isKnown = true,
): Promise<readonly (readonly [ticket: string, opensAtMinute: number])[]> {
  const scope = plant.scopes.get(path);
  if (scope === undefined) throw new Error(`no scope ${path}`);
  const { programme } = await (await openMemoryEntries()).programmeOf(plant);
  const alerts = await alertsFound(
    store,
    plant,
    scope,
    minutes(0, 180),
    () => isKnown,
    (rules) => answerFrom(sourcesOf(store), PLANT.model, OVEN_END, (facts) => rules(facts, programme, plant)),
  );
  return alerts.map(({ ticket, opens }) => [ticket, (opens - START) / MINUTE]);
}

test("AL-1: alerts of machines are those that the rules find now, with the withdrawn ones of the store; alerts of scopes are those of the store", async () => {
  expect(await found("recife")).toEqual([
    [TICKET, 80],
    [GONE.ticket, 100],
    [LATE.ticket, 100],
  ]);
  expect(await found(OVEN)).toEqual([
    [TICKET, 80],
    [GONE.ticket, 100],
  ]);
  expect(await found("berlin")).toEqual([]);
});

test("AL-1: alerts of a machine that is not known up to now are those of the store", async () => {
  const tickets = [GONE.ticket, FALSE.ticket, TICKET, LATE.ticket];
  expect(await found("recife", false)).toEqual(tickets.map((ticket) => [ticket, 100]));
});

test("AL-3: an alert that the keeper stored is acknowledged by an entry with its ticket", async () => {
  const said = { type: "acknowledgement", id: "a", rev: 1, by: "fred", at: formatInstant(START + 110 * MINUTE) };
  const { programme } = await (await openMemoryEntries({ ...said, alert: LATE.ticket })).programmeOf(plant);
  const ask = (ticket: string): ReturnType<typeof storedAlert> =>
    storedAlert(store, plant, plant, programme, ticket, OVEN_END);
  expect(await ask(LATE.ticket)).toMatchObject({ state: "acknowledged", acknowledged: said.at, messages: [] });
  expect(await ask("long/nothing")).toBeNull();
});

test("AL-4: an alert has the messages about it, and no others", async () => {
  const message = (ticket: string): MessageRecord => ({
    ...{ key: `${ticket}/1`, ticket, step: 1, kind: "step", state: "sent", roles: ["fitter"] },
    ...{ due: formatInstant(START + 80 * MINUTE), at: formatInstant(START + 81 * MINUTE), deliveries: [], why: null },
  });
  const records = [message(TICKET), message(GONE.ticket)];
  await store.insertMessages(
    records.map((record, offset) => ({
      ...{ ...record, offset, value: JSON.stringify(record) },
      ...{ at: Date.parse(record.at), due: Date.parse(record.due) },
    })),
  );
  const { programme } = await (await openMemoryEntries()).programmeOf(plant);
  const gone = await storedAlert(store, plant, plant, programme, GONE.ticket, OVEN_END);
  const { ticket: _, ...shown } = message(GONE.ticket);
  expect(gone).toMatchObject({ withdrawn: formatInstant(START + 120 * MINUTE), messages: [shown] });
  expect(await withMessages(store, [])).toEqual([]);
});
