/**
 * The plant file that the demo had in the first months of its past (DI-3): that of now with some settings otherwise. Its text is
 * kept beside that of now, and the rows, stops and doubted totals of those months are computed by it, as `oee recompute` does.
 */
import { readFile } from "node:fs/promises";
import { PlantModel } from "@oee/engine";
import type { AuditLog } from "@oee/gateway";
import { formatInstant, formatProblem, parsePlant, type ZoneDatabase } from "@oee/model";
import { GiveWay } from "@oee/pacing";
import type { DemoFormerPlant } from "@oee/simulator";
import type { Store } from "@oee/store";
import { parseDocument } from "yaml";
import { Failure } from "../failure.ts";
import { restateMachine } from "./restate-machine.ts";
import { storedFigures } from "./stored-figures.ts";

const MINUTE_MS = 60_000;

/** The text of a plant file with some settings otherwise; comments and order stay. */
export function formerPlantText(text: string, settings: DemoFormerPlant["settings"]): string {
  const document = parseDocument(text);
  for (const { place, value } of settings) {
    if (value === undefined) document.deleteIn(place);
    else document.setIn(place, value);
  }
  return document.toString();
}

export interface FormerPlantParts {
  readonly plantFile: string;
  readonly zones: ZoneDatabase;
  readonly former: DemoFormerPlant;
  readonly store: Store;
  readonly audit: AuditLog;
  readonly signal: AbortSignal;
}

/** `from` (epoch ms): when the past begins. Done twice it is as if it were done once. Throws `Failure`, `StoreError`. */
export async function restateByFormerPlant(from: number, parts: FormerPlantParts): Promise<void> {
  const { plantFile, zones, former, store, audit, signal } = parts;
  const text = formerPlantText(await readFile(plantFile, "utf8"), former.settings);
  const parsed = parsePlant(text, "the plant file of before", zones);
  if (!parsed.ok) throw new Failure(parsed.problems.map(formatProblem).join("\n"));
  const { plant } = parsed;
  const model = new PlantModel(plant);
  const span = { from: Math.floor(from / MINUTE_MS) * MINUTE_MS, to: former.until };
  const asked = { from: formatInstant(span.from), to: formatInstant(span.to), plantVersion: plant.version };
  const line = { what: `plant file before ${asked.to}`, scope: "*", who: "simulator", from: null } as const;
  // The file was in force from then on, and that of now since the change.
  await store.savePlant({ version: plant.version, loadedAt: span.from, text });
  await audit.write({ ...line, kind: "recompute", before: null, after: asked });
  const before = await storedFigures(store, plant.machines, span);
  const giveWay = new GiveWay();
  for (const machine of plant.machines) {
    for await (const _ of restateMachine(store, model, machine, span, () => undefined)) {
      if (signal.aborted) return;
      if (giveWay.due) await giveWay.now();
    }
  }
  const after = { ...asked, ...(await storedFigures(store, plant.machines, span)) };
  await audit.write({ ...line, kind: "recomputed", before, after });
}
