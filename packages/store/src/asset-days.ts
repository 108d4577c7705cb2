/**
 * Days on which machines were heard of, in `asset_days`: the writer of raw events sums them up as it writes these. Several rows of a
 * machine and day add up; events that are written again after a crash count again.
 */
import type { EventBatch } from "./event-batch.ts";
import type { NativeBlock } from "./native-block.ts";
import { type Column, flagNumbers, instants, integers, numbers16, texts } from "./native-column.ts";
import type { Transport } from "./transport.ts";
import { NO_TEXTS, writeBatches } from "./writer.ts";

/** Of a machine of the plant file, corrections and repeats aside. */
export interface AssetDay {
  readonly machine: string;
  /** Days since 1970 in UTC, as ClickHouse has them in a `Date`. */
  readonly date: number;
  /** Instants of the first and the last event (epoch ms). */
  first: number;
  last: number;
  events: number;
}

const COLUMNS: readonly Column<AssetDay>[] = [
  texts("machine", ({ machine }) => machine),
  numbers16("date", "Date", ({ date }) => date),
  flagNumbers("declared", () => true),
  instants("first", ({ first }) => first),
  instants("last", ({ last }) => last),
  integers("events", ({ events }) => events),
];

const SECOND_MS = 1000;
const DAY_SECONDS = 24 * 3600;
const DATES = 2 ** 16;

export async function insertAssetDays(transport: Transport, batch: EventBatch, block: NativeBlock): Promise<void> {
  await writeBatches<readonly AssetDay[]>(transport, "asset_days", COLUMNS, assetDaysOf(batch), NO_TEXTS, block);
}

export function assetDaysOf(batch: EventBatch): readonly AssetDay[] {
  const { machines, repeats } = batch;
  const correction = batch.types.words.indexOf("correction");
  const types = batch.types.numbers;
  const days: AssetDay[] = [];
  /** By the number of its text, the day of a machine's event before, which is most often that of the next one. */
  const before: (AssetDay | undefined)[] = Array.from({ length: machines.words.length });
  const byKey = new Map<number, AssetDay>();
  for (let i = 0; i < batch.length; i++) {
    if (repeats[i] === 1 || types[i] === correction) continue;
    const machine = machines.numbers[i] as number;
    const at = batch.instantAt(i);
    const date = dateOf(at);
    let day = before[machine];
    if (day?.date !== date) {
      const key = machine * DATES + date;
      day = byKey.get(key);
      if (day === undefined) {
        day = { machine: machines.textAt(i), date, first: at, last: at, events: 0 };
        byKey.set(key, day);
        days.push(day);
      }
      before[machine] = day;
    }
    day.events++;
    if (at < day.first) day.first = at;
    if (at > day.last) day.last = at;
  }
  return days;
}

/** As `toDate` of ClickHouse, which drops milliseconds towards 1970, and of a day before it or after 2149 keeps 16 bits. */
function dateOf(at: number): number {
  return Math.floor(Math.trunc(at / SECOND_MS) / DAY_SECONDS) & (DATES - 1);
}
