import { MachineHistory } from "@oee/engine";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decoded, HOUR, openTestStore, OVEN, PLANT, PLANT_TEXT, START } from "../../test/gateway-fixture.ts";
import { OVEN_EVENTS, OVEN_MACHINE, sourcesOf } from "../../test/oven.ts";
import { plantFilesOfRows } from "./row-plant-files.ts";

const { plant } = PLANT;
const FORMER = "2025-12-01T00:00:00Z";
const LOST = "2025-11-01T00:00:00Z";
const DAY = 24 * HOUR;

let store: Store;
let closeStore: () => Promise<void>;
/** A day of rows each by a file that nobody kept, by a former one, and by the one in force; the days are those of Recife. */
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  const history = new MachineHistory(PLANT.model, OVEN_MACHINE);
  for (const event of decoded(OVEN_EVENTS)) history.accept(event);
  const from = Date.parse("2026-03-03T03:00:00Z");
  const now = from + 3 * DAY;
  for (const [day, plantVersion] of [LOST, FORMER, plant.version].entries()) {
    const span = { from: from + day * DAY, to: from + (day + 1) * DAY };
    await store.insertRows(history.evaluate({ ...span, now, cuts: "minutes" }).rows, { version: 1n, plantVersion });
  }
  const text = PLANT_TEXT.replace("idealCycleSeconds: 7, taktSeconds: 9", "idealCycleSeconds: 6, taktSeconds: 9");
  await store.savePlant({ version: FORMER, loadedAt: START, text });
});
afterAll(() => closeStore());

const scope = plant.scopes.get(OVEN);
if (scope === undefined) throw new Error("the plant has the oven");
const filesIn = (from: string, to: string): ReturnType<typeof plantFilesOfRows> =>
  plantFilesOfRows(sourcesOf(store), plant, scope, { from: Date.parse(from), to: Date.parse(to) });

test("RV-2: each plant file of a period's rows is told once, with the local date of its first row, that in force last", async () => {
  const files = await filesIn("2026-03-01T00:00:00Z", "2026-03-06T03:00:00Z");
  expect(files.map(({ version, since }) => [version, since])).toEqual([
    [LOST, "2026-03-03"],
    [FORMER, "2026-03-04"],
    [plant.version, "2026-03-05"],
  ]);
  const [lost, former, present] = files;
  // Ideal cycles in microseconds; those of a file that is not kept are taken to be those of now.
  expect([former, present].map((file) => file?.idealCycles.machines.get(OVEN))).toEqual([6_000_000, undefined]);
  expect(lost?.policy).toEqual({ ...present?.policy, plantFile: LOST });
  const differing = Object.entries(former?.policy ?? {}).filter(([name, digest]) => present?.policy[name] !== digest);
  expect(differing.map(([name]) => name)).toEqual(["idealCycle"]);
});

test("RV-2: a period without rows has the plant file in force, without a date; one whose rows are all former has not", async () => {
  expect(await filesIn("2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z")).toMatchObject([{ version: plant.version }]);
  expect((await filesIn("2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"))[0]?.since).toBeUndefined();
  const files = await filesIn("2026-03-04T03:00:00Z", "2026-03-05T03:00:00Z");
  expect(files.map(({ version }) => version)).toEqual([FORMER]);
});
