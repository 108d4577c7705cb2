import { expect, test } from "vitest";
import { FILLER, OVEN, PLANT } from "../../test/gateway-fixture.ts";
import { openMemoryEntries } from "../../test/memory-topics.ts";
import { checkEntryReach } from "./entry-reach.ts";
import { SeenPlants } from "./seen-plant.ts";

const WHOLE = PLANT.plant;
/** What a supervisor of Berlin holds. */
const { plant: BERLIN } = new SeenPlants(() => PLANT).by(["berlin"]);
const TARGET = { type: "target", id: "t1", rev: 1, scope: "berlin/packing", measure: "oee", value: 0.8 };

const code = (of: string): unknown => expect.objectContaining({ code: of });

test("an entry is put in for the scopes that its caller holds; one elsewhere is refused like one that does not exist", async () => {
  const entries = await openMemoryEntries();
  const check = (given: object): Promise<void> => checkEntryReach(BERLIN, WHOLE, entries, { ...given });
  await expect(check(TARGET)).resolves.toBeUndefined();
  await expect(check({ ...TARGET, scope: "*" })).rejects.toEqual(code("OEE_HTTP_FORBIDDEN"));
  const refusalOf = (scope: string): Promise<unknown> =>
    check({ ...TARGET, scope }).then(
      () => null,
      (error: unknown) => String(error).replace(scope, "SCOPE"),
    );
  expect(await refusalOf("recife")).toContain("SCOPE");
  expect(await refusalOf("recife")).toBe(await refusalOf("nowhere"));
  // Who holds the whole plant is asked nothing here.
  await expect(checkEntryReach(WHOLE, WHOLE, entries, { ...TARGET, scope: "recife" })).resolves.toBeUndefined();
});

test("an id that is an entry's of elsewhere is not taken over; an own one is revised", async () => {
  const entries = await openMemoryEntries({ ...TARGET, id: "theirs", scope: "recife" }, TARGET);
  const next = { ...TARGET, rev: 2, value: 0.85 };
  await expect(checkEntryReach(BERLIN, WHOLE, entries, { ...next, id: "theirs" })).rejects.toEqual(
    code("OEE_HTTP_FORBIDDEN"),
  );
  await expect(checkEntryReach(BERLIN, WHOLE, entries, next)).resolves.toBeUndefined();
});

test("an alert is acknowledged by who holds its machine, and each scope of a pilot must be held", async () => {
  const entries = await openMemoryEntries();
  const check = (given: object): Promise<void> => checkEntryReach(BERLIN, WHOLE, entries, { rev: 1, ...given });
  const ticket = (machine: string): string => `long/${machine}@2026-03-02T05:00:00.000Z`;
  const acknowledgement = { type: "acknowledgement", id: "a" };
  await expect(check({ ...acknowledgement, alert: ticket(FILLER) })).resolves.toBeUndefined();
  await expect(check({ ...acknowledgement, alert: ticket(OVEN) })).rejects.toEqual(code("OEE_HTTP_FORBIDDEN"));
  const pilot = { type: "pilot", id: "p", scopes: [FILLER], start: "2026-03-02", measures: ["oee"] };
  await expect(check(pilot)).resolves.toBeUndefined();
  await expect(check({ ...pilot, controls: [OVEN] })).rejects.toEqual(code("OEE_HTTP_ENTRY_REFUSED"));
});
