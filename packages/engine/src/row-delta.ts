/**
 * What a row changes by, as numbers in the order of `COMPONENT_NAMES`. Most are 0, and only the others are added
 * to sums; loads by a name that varies would cost many times as much.
 */
import { COMPONENT_NAMES, type Components, TIME_COMPONENT_NAMES } from "@oee/model";

/** How many numbers a row has. */
export const WIDTH: number = COMPONENT_NAMES.length;

/** The first are the components that partition elapsed time, the first of these those of planned time. */
const TIMES = TIME_COMPONENT_NAMES.length;
const PLANNED_TIMES = TIME_COMPONENT_NAMES.indexOf("notPlannedTime");

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
    let count = 0;
    for (let i = 0; i < WIDTH; i++) if (values[i] !== 0) this.#places[count++] = i;
    this.#count = count;
    this.planned = 0;
    for (let i = 0; i < PLANNED_TIMES; i++) this.planned += values[i] as number;
    this.elapsed = this.planned;
    for (let i = PLANNED_TIMES; i < TIMES; i++) this.elapsed += values[i] as number;
  }

  get isZero(): boolean {
    return this.#count === 0;
  }

  /** Adds to `WIDTH` sums that begin at `offset`. */
  addTo(sums: Float64Array, offset: number): void {
    const values = this.#values;
    const places = this.#places;
    for (let p = 0; p < this.#count; p++) {
      const i = places[p] as number;
      sums[offset + i] = (sums[offset + i] as number) + (values[i] as number);
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
