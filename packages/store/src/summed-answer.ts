/** Answers to questions about sums, as rows of a batch. Sums of days are added up here, where they are nearly as many as the rows that they come to. */
import {
  compareCodePoints,
  COMPONENT_NAMES,
  type ComponentName,
  COMPONENTS,
  NO_HEAD,
  PLACE,
  type RowBatch,
  type RowHead,
  WIDTH,
} from "@oee/model";
import { GiveWay } from "@oee/pacing";
import type { AnswerRows } from "./native-answer.ts";
import { columnOf } from "./component-columns.ts";

/** What rows of one period come to that agree in takt, rate and all that was asked for; those of one machine by period. */
export interface SummedRows {
  /**
   * `from` is the period's; what was not asked for is `null`, and the machine an empty text. A sum that a double does not
   * hold exactly comes in as many rows as it takes.
   */
  readonly rows: RowBatch;
  /** Of each row: from the first to the end of the last minute that it sums. */
  readonly coveredFrom: readonly number[];
  readonly coveredTo: readonly number[];
}

/** What a double may not hold exactly comes as whole milliseconds, and as the microseconds left over. */
export const FINE: readonly ComponentName[] = COMPONENT_NAMES.filter((name) => COMPONENTS[name].kind === "ideal");
export const FINE_PLACES: readonly number[] = FINE.map((component) => PLACE[component]);
/** Milliseconds whose microseconds a double holds exactly. */
const SAFE_MS = 9e12;

/**
 * What follows what was asked for, as texts, and the period; takt and rate are NaN where there is none. `sum` says how a column is
 * summed: rows of `day-sums.ts` are taken as they are.
 */
export function summedColumns(sum: (column: string) => string, first: string, last: string): string {
  return [
    "toFloat64(ifNull(takt_us, nan)), ifNull(cost_per_hour, nan), toFloat64(decimals)",
    `toFloat64(${first}), toFloat64(${last})`,
    ...COMPONENT_NAMES.map((component) => {
      const column = sum(columnOf(component));
      return `toFloat64(${FINE.includes(component) ? `intDiv(${column}, 1000)` : column})`;
    }),
    ...FINE.map((component) => `toFloat64(${sum(columnOf(component))} % 1000)`),
  ].join(", ");
}

/** Places behind what was asked for. */
const [PERIOD, TAKT, COST, DECIMALS, FIRST, LAST, SUMS] = [0, 1, 2, 3, 4, 5, 6] as const;

/** Rows between two looks at the time slice. */
const ROWS_IN_A_ROW = 512;

/** The numbers of some rows. Periods and the minutes that they cover are in seconds since 1970. */
export interface SumColumns {
  readonly period: Float64Array;
  readonly takt: Float64Array;
  readonly cost: Float64Array;
  readonly decimals: Float64Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
  /** Of each component, in whole milliseconds where it is fine. */
  readonly sums: readonly Float64Array[];
  /** Of each fine component. */
  readonly microseconds: readonly Float64Array[];
}

/** `behind`: how many columns were asked for before. */
export function sumColumns(rows: AnswerRows, behind: number): SumColumns {
  const numbers = (place: number): Float64Array => rows.numbers(behind + place);
  return {
    period: numbers(PERIOD),
    takt: numbers(TAKT),
    cost: numbers(COST),
    decimals: numbers(DECIMALS),
    first: numbers(FIRST),
    last: numbers(LAST),
    sums: COMPONENT_NAMES.map((_, i) => numbers(SUMS + i)),
    microseconds: FINE.map((_, i) => numbers(SUMS + WIDTH + i)),
  };
}

/** An answer, and whether several of its rows may have one machine, period and head, which are added up: its rows are in no order then. */
export interface SumsAnswer {
  readonly answer: AnswerRows;
  readonly apart: boolean;
}

/** Adds the rows of an answer to an empty batch. `asked` names the texts that they begin with. */
export async function summedFrom(
  { answer, apart }: SumsAnswer,
  asked: readonly string[],
  rows: RowBatch,
): Promise<SummedRows> {
  const giveWay = new GiveWay();
  const into: Into = { rows, coveredFrom: [], coveredTo: [] };
  const open: Open[] = [];
  const spare: Open[] = [];
  const part = partOf(answer, asked);
  const { length } = part;
  if (length > rows.capacity) rows.reserve(length);
  const order = apart ? await byMachineAndPeriod(part, giveWay) : null;
  for (let place = 0; place < length; place++) {
    const row = order === null ? place : (order[place] as number);
    const one = open[0];
    if (
      one !== undefined &&
      (!apart || one.from !== (part.period[row] as number) * 1000 || one.head.machine !== part.machine(row))
    ) {
      for (const sum of open) close(sum, into);
      // Setting `length` costs many times as much.
      for (let sum = open.pop(); sum !== undefined; sum = open.pop()) spare.push(sum);
    }
    const same = apart ? sameOf(open, part, row) : undefined;
    if (same === undefined) open.push(opened(part, row, one, spare.pop() ?? newOpen(), into));
    else add(part, row, same, into);
    if (place % ROWS_IN_A_ROW === 0 && giveWay.due) await giveWay.now();
  }
  for (const sum of open) close(sum, into);
  return into;
}

/**
 * The rows by machine, in the order of their names, and by period. ClickHouse has days by machine within each month, so that this is a walk
 * through few places of memory at a time, and there it would copy every column.
 */
async function byMachineAndPeriod(part: Part, giveWay: GiveWay): Promise<Int32Array> {
  const { length, period } = part;
  const [machines, periods] = [new Map<string, number>(), new Map<number, number>()];
  const machineOf = new Int32Array(length);
  const periodOf = new Int32Array(length);
  let [machine, from, ofMachine, ofPeriod] = ["", NaN, -1, -1];
  for (let row = 0; row < length; row++) {
    if (ofMachine < 0 || part.machine(row) !== machine) {
      machine = part.machine(row);
      ofMachine = numbered(machines, machine);
    }
    if (period[row] !== from) {
      from = period[row] as number;
      ofPeriod = numbered(periods, from);
    }
    machineOf[row] = ofMachine;
    periodOf[row] = ofPeriod;
    if (row % ROWS_IN_A_ROW === 0 && giveWay.due) await giveWay.now();
  }
  const placeOfMachine = placesOf(machines, compareCodePoints);
  const placeOfPeriod = placesOf(periods, (a, b) => a - b);
  const cellOf = (row: number): number =>
    (placeOfMachine[machineOf[row] as number] as number) * periods.size +
    (placeOfPeriod[periodOf[row] as number] as number);
  /** Of each cell, where its next row goes. */
  const next = new Int32Array(machines.size * periods.size + 1);
  for (let row = 0; row < length; row++) next[cellOf(row) + 1] = (next[cellOf(row) + 1] as number) + 1;
  for (let cell = 1; cell < next.length; cell++) next[cell] = (next[cell] as number) + (next[cell - 1] as number);
  const order = new Int32Array(length);
  for (let row = 0; row < length; row++) {
    const cell = cellOf(row);
    const place = next[cell] as number;
    order[place] = row;
    next[cell] = place + 1;
  }
  return order;
}

/** The number of a key, in the order in which they came. */
function numbered<K>(numbers: Map<K, number>, key: K): number {
  let number = numbers.get(key);
  if (number === undefined) numbers.set(key, (number = numbers.size));
  return number;
}

/** The place of each numbered key in order. */
function placesOf<K>(numbers: ReadonlyMap<K, number>, compare: (a: K, b: K) => number): Int32Array {
  const places = new Int32Array(numbers.size);
  for (const [place, key] of [...numbers.keys()].toSorted(compare).entries())
    places[numbers.get(key) as number] = place;
  return places;
}

function sameOf(open: readonly Open[], part: Part, row: number): Open | undefined {
  for (const sum of open) if (isOf(sum.head, part, row)) return sum;
  return undefined;
}

interface Into {
  readonly rows: RowBatch;
  readonly coveredFrom: number[];
  readonly coveredTo: number[];
}

/** A sum to which rows may still be added. */
interface Open {
  head: RowHead;
  from: number;
  /** Its row in the batch, whose fine components are set when it is closed. */
  row: number;
  /** Of each fine component. */
  readonly milliseconds: number[];
  readonly microseconds: number[];
}

/** The columns of some rows. */
interface Part extends SumColumns {
  readonly length: number;
  readonly machine: TextAt;
  readonly product: TextAt;
  readonly shift: TextAt;
  readonly shiftDate: TextAt;
}

type TextAt = (row: number) => string;

function partOf(rows: AnswerRows, asked: readonly string[]): Part {
  const text = (column: string): TextAt => (asked.includes(column) ? rows.texts(asked.indexOf(column)) : () => "");
  return {
    length: rows.length,
    machine: text("machine"),
    product: text("product"),
    shift: text("shift"),
    shiftDate: text("shift_date"),
    ...sumColumns(rows, asked.length),
  };
}

function headOf(part: Part, row: number): RowHead {
  return {
    machine: part.machine(row),
    product: part.product(row) || null,
    shift: part.shift(row) || null,
    shiftDate: part.shiftDate(row) || null,
    taktUs: orNull(part.takt[row] as number),
    costPerHour: orNull(part.cost[row] as number),
    decimals: part.decimals[row] as number,
  };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** Whether a row has this head. */
function isOf(head: RowHead, part: Part, row: number): boolean {
  return (
    head.machine === part.machine(row) &&
    (head.product ?? "") === part.product(row) &&
    (head.shift ?? "") === part.shift(row) &&
    (head.shiftDate ?? "") === part.shiftDate(row) &&
    isSame(head.taktUs, part.takt[row] as number) &&
    isSame(head.costPerHour, part.cost[row] as number) &&
    head.decimals === part.decimals[row]
  );
}

function isSame(known: number | null, value: number): boolean {
  return known === null ? Number.isNaN(value) : known === value;
}

/** Most are used again and again: lists for each of a hundred thousand sums cost as much as their numbers. */
function newOpen(): Open {
  return { head: NO_HEAD, from: 0, row: 0, milliseconds: FINE.map(() => 0.5), microseconds: FINE.map(() => 0.5) };
}

/** Begins a sum with a row. Most have the head of the one before it, and share it. */
function opened(part: Part, row: number, before: Open | undefined, sum: Open, into: Into): Open {
  const head = before !== undefined && isOf(before.head, part, row) ? before.head : headOf(part, row);
  const from = (part.period[row] as number) * 1000;
  const own = into.rows.add(head, from);
  const { values } = into.rows;
  for (let i = 0; i < WIDTH; i++) values[own * WIDTH + i] = (part.sums[i] as Float64Array)[row] as number;
  into.coveredFrom.push((part.first[row] as number) * 1000);
  into.coveredTo.push((part.last[row] as number) * 1000 + 60_000);
  sum.head = head;
  sum.from = from;
  sum.row = own;
  for (let i = 0; i < FINE_PLACES.length; i++) {
    sum.milliseconds[i] = values[own * WIDTH + (FINE_PLACES[i] as number)] as number;
    sum.microseconds[i] = (part.microseconds[i] as Float64Array)[row] as number;
  }
  return sum;
}

function add(part: Part, row: number, sum: Open, { rows, coveredFrom, coveredTo }: Into): void {
  const { values } = rows;
  for (let i = 0, at = sum.row * WIDTH; i < WIDTH; i++, at++) {
    values[at] = (values[at] as number) + ((part.sums[i] as Float64Array)[row] as number);
  }
  for (let i = 0; i < FINE_PLACES.length; i++) {
    sum.milliseconds[i] =
      (sum.milliseconds[i] as number) + ((part.sums[FINE_PLACES[i] as number] as Float64Array)[row] as number);
    sum.microseconds[i] = (sum.microseconds[i] as number) + ((part.microseconds[i] as Float64Array)[row] as number);
  }
  coveredFrom[sum.row] = Math.min(coveredFrom[sum.row] as number, (part.first[row] as number) * 1000);
  coveredTo[sum.row] = Math.max(coveredTo[sum.row] as number, (part.last[row] as number) * 1000 + 60_000);
}

function close({ head, from, row, milliseconds, microseconds }: Open, { rows, coveredFrom, coveredTo }: Into): void {
  setFine(rows, head, from, row, milliseconds, microseconds);
  for (let own = coveredFrom.length; own < rows.length; own++) {
    coveredFrom.push(coveredFrom[row] as number);
    coveredTo.push(coveredTo[row] as number);
  }
}

/** Sets the fine components of a row, and adds rows with what a double does not hold of them. `milliseconds` are gone then. */
export function setFine(
  rows: RowBatch,
  head: RowHead,
  from: number,
  row: number,
  milliseconds: number[],
  microseconds: readonly number[],
): void {
  for (let own = row; ; ) {
    let more = false;
    for (let i = 0; i < FINE_PLACES.length; i++) {
      const ms = milliseconds[i] as number;
      const some = Math.max(-SAFE_MS, Math.min(SAFE_MS, ms));
      rows.values[own * WIDTH + (FINE_PLACES[i] as number)] =
        some * 1000 + (own === row ? (microseconds[i] as number) : 0);
      milliseconds[i] = ms - some;
      more ||= some !== ms;
    }
    if (!more) return;
    own = rows.addEmpty(head, from);
  }
}
