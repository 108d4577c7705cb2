import { formatInstant } from "@oee/model";
import { expect, test } from "vitest";
import { PLANT, START } from "../../test/gateway-fixture.ts";
import { openMemoryEntries } from "../../test/memory-topics.ts";
import type { EntryLog } from "./entry-log.ts";
import { type Computed, NewEntries, type Taken, type Telling } from "./new-entries.ts";

const { plant } = PLANT;
const TARGET = { type: "target", id: "t", rev: 1, scope: "berlin", measure: "oee", value: 0.8 };
const BASELINE = { type: "baseline", id: "b", rev: 1, scope: "berlin", from: "2026-01-01", to: "2026-02-01" };
/** Figures without any machine: what was computed matters to the store's tests, here only when it is. */
const FROZEN = { frozen: { machines: {} } };

interface Trial {
  readonly entries: EntryLog;
  readonly taking: NewEntries;
  /** What the audit was told before entries were written, and of those that were refused after all. */
  readonly told: string[];
  readonly telling: Telling;
  readonly computed: string[];
}

async function trial(): Promise<Trial> {
  const entries = await openMemoryEntries();
  const computed: string[] = [];
  const compute: Computed = {
    freeze: async ({ id, rev }) => (computed.push(`${id} ${rev}`), FROZEN),
    present: () => Promise.reject(new Error("no review is presented here")),
  };
  const told: string[] = [];
  const note =
    (what: string) =>
    async (some: readonly Taken[]): Promise<void> =>
      void told.push(...some.map(({ entry }) => `${what} ${entry.id} ${entry.rev}`));
  const telling = { before: note("entry"), refused: note("refused") };
  return { entries, taking: new NewEntries(entries, () => START, 1_000, compute), told, telling, computed };
}

test("RE-1: an entry gets the instant at which it came, is told before it is there, and sent again it is no conflict", async () => {
  const { entries, taking, told, telling } = await trial();
  const before = async (some: readonly Taken[]): Promise<void> => {
    expect((await entries.programmeOf(plant)).programme.book.all()).toEqual([]);
    await telling.before(some);
  };
  const { entry, former } = await taking.take(plant, TARGET, { ...telling, before });
  expect([entry.raw, former]).toEqual([{ ...TARGET, at: formatInstant(START) }, null]);
  expect((await taking.take(plant, TARGET, telling)).entry).toBe(entry);
  expect((await entries.programmeOf(plant)).offset).toBe(1);
  expect(told).toEqual(["entry t 1", "entry t 1"]);
});

test("RE-1: another entry with the same revision is a conflict, with the newest; one of the future is refused", async () => {
  const { taking, telling } = await trial();
  await taking.take(plant, TARGET, telling);
  await expect(taking.take(plant, { ...TARGET, value: 0.9 }, telling)).rejects.toMatchObject({
    code: "OEE_HTTP_CONFLICT",
    more: { newest: { rev: 1, value: 0.8 } },
  });
  const future = { ...TARGET, id: "f", at: formatInstant(START + 1_001) };
  await expect(taking.take(plant, future, telling)).rejects.toMatchObject({
    code: "OEE_HTTP_ENTRY_REFUSED",
    more: { refusal: "invalid" },
  });
});

test("what the audit cannot be told of is not written", async () => {
  const { entries, taking, telling } = await trial();
  const before = (): Promise<void> => Promise.reject(new Error("the log is away"));
  await expect(taking.take(plant, TARGET, { ...telling, before })).rejects.toThrow("the log is away");
  expect((await entries.programmeOf(plant)).offset).toBe(0);
});

test("RE-2: of an array those before the first that is refused are in, also where one of them is computed", async () => {
  const { entries, taking, told, telling, computed } = await trial();
  const given = [TARGET, { ...BASELINE }, { ...TARGET, rev: 2 }, { ...TARGET, id: "x", scope: "atlantis" }, TARGET];
  const runs: (readonly string[])[] = [];
  const all = (async () => {
    for await (const run of taking.takeAll(plant, given, telling)) runs.push(run.map(({ entry: { id } }) => id));
  })();
  await expect(all).rejects.toMatchObject({
    code: "OEE_HTTP_ENTRY_REFUSED",
    more: { refusal: "unknown-scope", index: 3 },
  });
  expect(runs).toEqual([["t"], ["b"], ["t"]]);
  expect(computed).toEqual(["b 1"]);
  expect(told).toEqual(["entry t 1", "entry b 1", "entry t 2"]);
  expect((await entries.programmeOf(plant)).offset).toBe(3);
});

test("BL-5: a revision of a baseline keeps its frozen figures, unless it asks for new ones or has another period", async () => {
  const { taking, telling, computed } = await trial();
  await taking.take(plant, BASELINE, telling);
  const { entry } = await taking.take(plant, { ...BASELINE, rev: 2, note: "agreed" }, telling);
  expect([computed, entry.raw["frozen"]]).toEqual([["b 1"], FROZEN.frozen]);
  const anew = await taking.take(plant, { ...BASELINE, rev: 3, freeze: "now" }, telling);
  // What was asked for once is not kept, or the next revision would ask for it again.
  expect(anew.entry.raw["freeze"]).toBeUndefined();
  await taking.take(plant, { ...BASELINE, rev: 4, to: "2026-03-01" }, telling);
  expect(computed).toEqual(["b 1", "b 3", "b 4"]);
});
