/**
 * Rows as objects, and as numbers in the order of `COMPONENT_NAMES`, which is how engine and store hold them. All objects
 * are made here, from one literal: rows of one hidden class keep the loops that read them fast.
 */
import { COMPONENT_NAMES, type Components, type Row } from "./components.ts";

/** How many numbers a row has. */
export const WIDTH: number = COMPONENT_NAMES.length;

/** The place of each component among them. */
export const PLACE: Readonly<Record<keyof Components, number>> = Object.fromEntries(
  COMPONENT_NAMES.map((name, i) => [name, i]),
) as Record<keyof Components, number>;

/** What a row says besides its components and its cell. */
export type RowHead = Omit<Row, keyof Components | "from">;

const NOTHING = new Float64Array(WIDTH);

export function emptyRow(head: RowHead, from: number): Row {
  return rowOf(head, from, NOTHING, 0);
}

/** The row whose `WIDTH` numbers begin at `offset`. */
export function rowOf(head: RowHead, from: number, values: Float64Array, offset: number): Row {
  const { machine, product, shift, shiftDate, taktUs, costPerHour, decimals } = head;
  return {
    machine,
    from,
    product,
    shift,
    shiftDate,
    taktUs,
    costPerHour,
    decimals,
    runTime: values[offset] as number,
    minorStopTime: values[offset + 1] as number,
    unplannedStopTime: values[offset + 2] as number,
    setupTime: values[offset + 3] as number,
    plannedStopTime: values[offset + 4] as number,
    notPlannedTime: values[offset + 5] as number,
    unknownTime: values[offset + 6] as number,
    failureTime: values[offset + 7] as number,
    goodCount: values[offset + 8] as number,
    scrapCount: values[offset + 9] as number,
    reworkCount: values[offset + 10] as number,
    idealTimeUs: values[offset + 11] as number,
    idealGoodTimeUs: values[offset + 12] as number,
    startupLossTimeUs: values[offset + 13] as number,
    failureCount: values[offset + 14] as number,
    repairCount: values[offset + 15] as number,
    repairTime: values[offset + 16] as number,
    stopCount: values[offset + 17] as number,
    minorStopCount: values[offset + 18] as number,
  };
}

/** Whether rows of one machine and cell have one key. */
export function sameKey(a: RowHead, b: RowHead): boolean {
  return a === b || (a.product === b.product && a.shift === b.shift && a.shiftDate === b.shiftDate);
}

/** Whether rows of one machine have one key and one policy. */
export function sameHead(a: RowHead, b: RowHead): boolean {
  return (
    a === b || (sameKey(a, b) && a.taktUs === b.taktUs && a.costPerHour === b.costPerHour && a.decimals === b.decimals)
  );
}
