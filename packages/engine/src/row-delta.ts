/**
 * What a row changes by, as numbers in the order of `COMPONENT_NAMES`. Most are 0, and only the others are added
 * to sums; loads by a name that varies would cost many times as much.
 */
import { COMPONENT_NAMES, type Components } from "@oee/model";

/** How many numbers a row has. */
export const WIDTH: number = COMPONENT_NAMES.length;

export class RowDelta {
  /** Planned and elapsed time (ms) are sums of the others, kept apart for takts. */
  planned = 0;
  elapsed = 0;
  readonly #values: Float64Array = new Float64Array(WIDTH);
  readonly #before: Float64Array = new Float64Array(WIDTH);
  /** The places in `#values` that are not 0. */
  readonly #places: Uint8Array = new Uint8Array(WIDTH);
  #count = 0;

  /** `before: null` is a row of zeros. */
  set(row: Components, before: Components | null): void {
    const values = this.#values;
    write(row, values);
    if (before !== null) {
      write(before, this.#before);
      for (let i = 0; i < WIDTH; i++) values[i] = (values[i] as number) - (this.#before[i] as number);
    }
    this.#count = 0;
    this.planned = 0;
    this.elapsed = 0;
    for (let i = 0; i < WIDTH; i++) {
      const value = values[i] as number;
      if (value === 0) continue;
      this.#places[this.#count++] = i;
      if (i < 5) this.planned += value;
      if (i < 7) this.elapsed += value;
    }
  }

  /** Adds to `WIDTH` sums that begin at `offset`. */
  addTo(sums: Float64Array, offset: number): void {
    for (let p = 0; p < this.#count; p++) {
      const i = this.#places[p] as number;
      sums[offset + i] = (sums[offset + i] as number) + (this.#values[i] as number);
    }
  }
}

function write(row: Components, into: Float64Array): void {
  into[0] = row.runTime;
  into[1] = row.minorStopTime;
  into[2] = row.unplannedStopTime;
  into[3] = row.setupTime;
  into[4] = row.plannedStopTime;
  into[5] = row.notPlannedTime;
  into[6] = row.unknownTime;
  into[7] = row.failureTime;
  into[8] = row.goodCount;
  into[9] = row.scrapCount;
  into[10] = row.reworkCount;
  into[11] = row.idealTimeUs;
  into[12] = row.idealGoodTimeUs;
  into[13] = row.startupLossTimeUs;
  into[14] = row.failureCount;
  into[15] = row.repairCount;
  into[16] = row.repairTime;
  into[17] = row.stopCount;
  into[18] = row.minorStopCount;
}
