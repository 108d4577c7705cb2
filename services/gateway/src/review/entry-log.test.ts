import { isEntryRefusal } from "@oee/review";
import { expect, onTestFinished, test } from "vitest";
import { PLANT } from "../../test/gateway-fixture.ts";
import { openMemoryEntries, openMemoryTopics, putEntries } from "../../test/memory-topics.ts";
import { SeenPlants } from "../access/seen-plant.ts";
import { EntryLog } from "./entry-log.ts";

const { plant } = PLANT;
const TARGET = { type: "target", id: "t", rev: 1, scope: "berlin", measure: "oee", value: 0.8 };

test("RE-1: of two entries with one revision, by two gateways, the one that comes first on the topic is accepted, and both say so", async () => {
  const { log, topics } = await openMemoryTopics();
  const gateways = [new EntryLog(log, topics), new EntryLog(log, topics)];
  for (const one of gateways) {
    one.start();
    onTestFinished(() => one.close());
  }
  const [[first] = [], [second] = []] = await Promise.all(
    gateways.map((one, i) => one.append(plant, [{ ...TARGET, value: 0.8 + i / 10 }])),
  );
  if (first === undefined || second === undefined) throw new Error("each was answered");
  const accepted = [first, second].filter((entry) => !isEntryRefusal(entry));
  expect(accepted).toHaveLength(1);
  expect([first, second].filter(isEntryRefusal)).toMatchObject([{ code: "conflict" }]);
  for (const one of gateways) {
    const { programme, offset } = await one.programmeOf(plant);
    expect([programme.book.newestOf("target", "t")?.raw, offset]).toEqual([
      isEntryRefusal(first) ? isEntryRefusal(second) || second.raw : first.raw,
      2,
    ]);
  }
});

test("an entry that the plant refuses is listed with its offset, and those behind it count", async () => {
  const entries = await openMemoryEntries({ ...TARGET, id: "lost", scope: "atlantis" }, TARGET);
  expect(await entries.refusedUpTo(plant, 2)).toMatchObject([
    { offset: 0, entry: { id: "lost" }, refusal: { code: "unknown-scope" } },
  ]);
  expect((await entries.programmeOf(plant)).programme.book.inForce("target").map(({ id }) => id)).toEqual(["t"]);
});

test("RV-4: the programme up to an offset is as it was before the entries from there on", async () => {
  const entries = await openMemoryEntries(TARGET, { ...TARGET, rev: 2, value: 0.9 }, { ...TARGET, id: "u" });
  const valuesUpTo = async (end: number): Promise<readonly unknown[]> =>
    (await entries.programmeUpTo(plant, end)).book.inForce("target").map(({ id, raw }) => [id, raw["value"]]);
  expect(await valuesUpTo(1)).toEqual([["t", 0.8]]);
  expect(await valuesUpTo(2)).toEqual([["t", 0.9]]);
  expect(await valuesUpTo(3)).toEqual([
    ["t", 0.9],
    ["u", 0.8],
  ]);
});

test("who sees a part of the plant has the entries of its scopes alone, and none of the whole plant", async () => {
  const pilot = { type: "pilot", start: "2026-03-02", measures: ["oee"], rev: 1 };
  const entries = await openMemoryEntries(
    TARGET,
    { ...TARGET, id: "all", scope: "*" },
    { ...TARGET, id: "theirs", scope: "recife" },
    { ...pilot, id: "own", scopes: ["berlin/packing/l1"] },
    { ...pilot, id: "compared", scopes: ["berlin/packing/l1"], controls: ["recife"] },
  );
  const { plant: berlin } = new SeenPlants(() => PLANT).by(["berlin"]);
  const { programme, refused } = await entries.programmeOf(berlin);
  expect(programme.book.all().map(({ id }) => id)).toEqual(["t", "own"]);
  expect(refused).toEqual([]);
});

test("a log that is not read any more says so, at once", async () => {
  const { log, topics } = await openMemoryTopics();
  await putEntries(log, topics, [TARGET]);
  const entries = new EntryLog(log, topics);
  const unavailable = expect.objectContaining({ code: "OEE_HTTP_LOG_UNAVAILABLE" }) as unknown;
  await expect(entries.programmeOf(plant)).rejects.toEqual(unavailable);
  expect(entries.known(plant)).toBeNull();
  entries.start();
  expect((await entries.programmeOf(plant)).offset).toBe(1);
  await entries.close();
  await expect(entries.append(plant, [TARGET])).rejects.toEqual(unavailable);
});
