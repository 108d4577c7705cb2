/** The first months of the demo's past are computed by the plant file of then, which is kept (DI-3). */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { AuditLog } from "@oee/gateway";
import { parsePlant, type Plant, policyDifferences, scopePolicy, SHIPPED_ZONES } from "@oee/model";
import { demoEntries, demoFormerPlant } from "@oee/simulator";
import { openStore } from "@oee/store";
import pino from "pino";
import { expect, onTestFinished, test } from "vitest";
import { demoPlantFile } from "../plant-from-file.ts";
import { formerPlantText, restateByFormerPlant } from "./former-plant.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const END = Date.parse("2026-11-29T10:20:30Z");
const FILLER = "koeln/filling/pet/filler";
const FORMER = demoFormerPlant(END);

const text = readFileSync(demoPlantFile(), "utf8");
const formerText = formerPlantText(text, FORMER.settings);

function plantOf(of: string): Plant {
  const result = parsePlant(of, "plant.yaml");
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.plant;
}
const [now, then] = [plantOf(text), plantOf(formerText)];

function differencesAt(path: string): readonly string[] {
  const [own, other] = [now, then].map((plant) => plant.scopes.get(path));
  if (own === undefined || other === undefined) throw new Error(`no ${path}`);
  return policyDifferences(scopePolicy(now, own), scopePolicy(then, other));
}

test("the demo's policy changed in Köln's filling alone: after the baseline, and amid the blocks before the pilot on PET 1", () => {
  expect(differencesAt("koeln/filling")).toEqual(["costPerHour", "minorStopThreshold"]);
  for (const path of ["koeln/packing", "campinas"]) expect(differencesAt(path)).toEqual([]);
  expect(now.machineById.get(FILLER)).toMatchObject({ minorStopThresholdMs: 3 * MINUTE_MS });
  expect(then.machineById.get(FILLER)).toMatchObject({ minorStopThresholdMs: 5 * MINUTE_MS });
  expect(then.version).not.toBe(now.version);
  const entry = (id: string): Readonly<Record<string, unknown>> =>
    demoEntries(END).find((each) => each["id"] === id) ?? {};
  const changed = new Date(FORMER.until).toISOString().slice(0, 10);
  expect(String(entry("koeln-first-quarter")["to"]) <= changed).toBe(true);
  const blocksBefore = Date.parse(String(entry("pet-clean-and-tighten")["start"])) - FORMER.until;
  expect(blocksBefore).toBeGreaterThan(0);
  expect(blocksBefore).toBeLessThan(12 * 7 * DAY_MS);
});

test("DI-3: rows before the change are those of the plant file of then, whose text is kept; the audit is told; later rows stay", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oee-former-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const store = await openStore({ embedded: { path: folder } });
  await store.migrate();
  const log = openMemoryLog({ now: () => END });
  const of = topics("oee.", 1);
  await log.ensureTopics(allTopics(of));
  const audit = new AuditLog({ log, topic: of.audit.name, store, clock: () => END, logger: pino({ level: "silent" }) });
  audit.start();
  onTestFinished(async () => {
    await audit.close();
    await log.close();
    await store.close();
  });
  // Six hours about the change with a stop of four minutes each hour: minor for the plant file of then, not for that of now.
  const from = FORMER.until - 3 * 60 * MINUTE_MS;
  const events = Array.from({ length: 6 * 30 }, (_, i) => {
    const minute = i * 2;
    const isStop = minute % 60 === 30 || minute % 60 === 32;
    return { type: "state", machine: FILLER, at: from + minute * MINUTE_MS, state: isStop ? "down" : "running" };
  });
  await store.insertEvents(
    events.map((event, offset) => {
      const place = { topic: of.events.name, partition: 0, offset, index: 0, receivedAt: event.at };
      return {
        machine: FILLER,
        type: "state",
        at: event.at,
        ...place,
        id: null,
        repeat: false,
        raw: JSON.stringify(event),
      };
    }),
  );
  // As a row that was computed by the plant file of now.
  const period = { from, to: from + 6 * 60 * MINUTE_MS };
  const parts = { plantFile: demoPlantFile(), zones: SHIPPED_ZONES, store, audit };
  const whole = { until: period.to, settings: [] };
  await restateByFormerPlant(from, { ...parts, former: whole, signal: new AbortController().signal });
  await restateByFormerPlant(from, { ...parts, former: FORMER, signal: new AbortController().signal });

  const seen = new Map<string, { minor: number; unplanned: number; from: number; to: number }>();
  for await (const rows of store.rows({ machines: [FILLER], period })) {
    for (const { plantVersion, minorStopTime, unplannedStopTime, from: at } of rows) {
      const sums = seen.get(plantVersion) ?? { minor: 0, unplanned: 0, from: at, to: at };
      sums.minor += minorStopTime;
      sums.unplanned += unplannedStopTime;
      sums.from = Math.min(sums.from, at);
      sums.to = Math.max(sums.to, at + MINUTE_MS);
      seen.set(plantVersion, sums);
    }
  }
  const stopped = 3 * 4 * MINUTE_MS;
  expect(Object.fromEntries(seen)).toEqual({
    [then.version]: { minor: stopped, unplanned: 0, from, to: FORMER.until },
    [now.version]: { minor: 0, unplanned: stopped, from: FORMER.until, to: expect.any(Number) as number },
  });
  expect(await store.plantFile(then.version)).toEqual({ version: then.version, loadedAt: from, text: formerText });
  await audit.stored();
  const told = await store.auditRows({ limit: 100 });
  expect(told.map(({ kind }) => kind)).toEqual(["recompute", "recomputed", "recompute", "recomputed"]);
});
