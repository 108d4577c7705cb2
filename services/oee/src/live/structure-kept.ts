/**
 * Puts the structure of the plant on the log of entries whenever a plant file that was loaded changes it (DI-3): from then on
 * other machines stand for its scopes, and the past stays what it was. Of several processes that load the same file one
 * writes; the others find it done.
 */
import type { EventLog, Topics } from "@oee/event-log";
import { EntryLog } from "@oee/gateway";
import {
  formatInstant,
  isSameStructure,
  type Plant,
  structureDocument,
  structureEpochs,
  structureOf,
} from "@oee/model";
import { isEntryRefusal } from "@oee/review";

/** The entry whose revisions the product writes. */
const ID = "plant";
const MINUTE_MS = 60_000;
/** Others write at the same moment at most. */
const ATTEMPTS = 5;

export interface StructureSpan {
  readonly scope: string;
  /** Epoch ms. */
  readonly from: number;
  /** `null`: from then on. */
  readonly to: number | null;
  readonly by: string;
}

/** Whether it was written: `false` where it has been so. Throws where the log does not take it. */
export async function keepStructure(
  log: EventLog,
  topics: Topics,
  plant: Plant,
  now: number,
  span: StructureSpan = { scope: "*", from: now, to: null, by: "oee" },
): Promise<boolean> {
  const entries = new EntryLog(log, topics);
  entries.start();
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { programme } = await entries.programmeOf(plant);
      const changes = programme.book.structures().map(({ change }) => change);
      const isNow = changes.length > 0 && isSameStructure(structureOf(plant), newestOf(changes));
      if (span.to === null && isNow) return false;
      const rev = (programme.book.newestOf("structure", ID)?.rev ?? 0) + 1;
      const [taken] = await entries.append(plant, [
        {
          type: "structure",
          id: ID,
          rev,
          by: span.by,
          at: formatInstant(now),
          scope: span.scope,
          from: formatInstant(floor(span.from)),
          ...(span.to === null ? {} : { to: formatInstant(floor(span.to)) }),
          plant: plant.version,
          lines: structureDocument(structureOf(plant)),
        },
      ]);
      if (taken === undefined || !isEntryRefusal(taken)) return true;
      if (taken.code !== "conflict") throw new Error(taken.detail);
    }
    throw new Error("others wrote each time");
  } finally {
    await entries.close();
  }
}

function newestOf(changes: Parameters<typeof structureEpochs>[0]): ReturnType<typeof structureOf> {
  const last = structureEpochs(changes).at(-1);
  if (last === undefined) throw new Error("a history of structures has a last epoch");
  return last.structure;
}

/** Rows are minutes (PE-1): a change applies from the minute at hand on. */
function floor(instant: number): number {
  return Math.floor(instant / MINUTE_MS) * MINUTE_MS;
}
