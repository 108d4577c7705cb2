/**
 * Minute rows as objects. All are made here, from one literal: rows of one hidden class keep the loops that read
 * them fast, which copies by spreading do not have.
 */
import { COMPONENT_NAMES, type Components, type Row } from "@oee/model";

/** What a row says besides its components and its cell. */
export type RowHead = Omit<Row, keyof Components | "from">;

export function emptyRow({ machine, product, shift, shiftDate, taktUs, costPerHour }: RowHead, from: number): Row {
  return {
    machine,
    from,
    product,
    shift,
    shiftDate,
    taktUs,
    costPerHour,
    runTime: 0,
    minorStopTime: 0,
    unplannedStopTime: 0,
    setupTime: 0,
    plannedStopTime: 0,
    notPlannedTime: 0,
    unknownTime: 0,
    failureTime: 0,
    goodCount: 0,
    scrapCount: 0,
    reworkCount: 0,
    idealTimeUs: 0,
    idealGoodTimeUs: 0,
    startupLossTimeUs: 0,
    failureCount: 0,
    repairCount: 0,
    repairTime: 0,
    stopCount: 0,
    minorStopCount: 0,
  };
}

export function copyOfRow(row: Row, from: number): Row {
  const copy = emptyRow(row, from);
  for (const name of COMPONENT_NAMES) copy[name] = row[name];
  return copy;
}

/** Whether two rows of one machine and cell have one key. */
export function sameKey(a: Row, b: Row): boolean {
  return a.product === b.product && a.shift === b.shift && a.shiftDate === b.shiftDate;
}
