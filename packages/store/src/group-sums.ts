/**
 * Sums of groups of machines, such as those of a line, over periods: what they come to together, and of each machine only how much of a
 * period its rows cover. The rows that `component-sums.ts` has of machines are added up here column by column, in no order, and no row of
 * a machine is made of them.
 */
import {
  type ComponentName,
  DECIMALS_MAX,
  NO_HEAD,
  PLACE,
  PLANNED_COMPONENT_NAMES,
  RowBatch,
  type RowHead,
  TIME_COMPONENT_NAMES,
  WIDTH,
} from "@oee/model";
import { GiveWay } from "@oee/pacing";
import type { AnswerRows } from "./native-answer.ts";
import { askSums, checkPeriods, PERIODS_PER_QUERY_MAX, type SumsHead } from "./component-sums.ts";
import { DAY_SUMS_DEFAULT, type DaySumsPolicy } from "./day-sums.ts";
import { machineLists } from "./machine-filter.ts";
import type { Period } from "./period.ts";
import { FINE, FINE_PLACES, setFine, type SumColumns, sumColumns } from "./summed-answer.ts";
import type { Transport } from "./transport.ts";

export interface GroupSumsQuery {
  /** The machines of each group; no machine is in two. */
  readonly groups: readonly (readonly string[])[];
  /** As those of `SumsQuery`, and days too. */
  readonly periods: readonly Period[];
  readonly days?: readonly number[];
}

export interface GroupSums {
  /** Of a period's machines with the same decimals, under no takt and no cost; `from` is the period's. */
  readonly rows: RowBatch;
  /** Of each group: the periods that have rows of any of its machines. */
  readonly groups: readonly (readonly GroupPeriod[])[];
  /** By machine; machines without any row are missing. */
  readonly covered: ReadonlyMap<string, Covered>;
}

/** A group in a period. */
export interface GroupPeriod {
  readonly from: number;
  /** Its rows; more than one where decimals differ, or a double does not hold a sum exactly. */
  readonly rows: number[];
  /** Planned time by takt (µs), of takts that were in force at any time. */
  readonly planned: RateTimes;
  /** Unplanned stop time by cost per hour, and the part of it in failures where there is any. */
  readonly unplanned: RateTimes;
  readonly failure: RateTimes;
}

/** RateTimes (ms) and the rate of each; a rate may come again. */
export interface RateTimes {
  readonly rates: number[];
  readonly times: number[];
}

/** How much of each period the rows of a machine cover: from the start of the first to the end of the last minute, and the time in between that they have (ms). Where there is no row, `first` is infinite. */
export interface Covered {
  readonly first: Float64Array;
  readonly last: Float64Array;
  readonly elapsedMs: Float64Array;
}

const MINUTE_MS = 60_000;
const placesOf = (names: readonly ComponentName[]): readonly number[] => names.map((name) => PLACE[name]);
const TIME_PLACES = placesOf(TIME_COMPONENT_NAMES);
const PLANNED_PLACES = placesOf(PLANNED_COMPONENT_NAMES);
/** A row has one of so many numbers of decimals. */
const WAYS = DECIMALS_MAX + 1;

/** The rows go into an empty batch of the caller's, if one is given. */
export async function sumGroups(
  transport: Transport,
  { groups, periods, days = [] }: GroupSumsQuery,
  rows: RowBatch = new RowBatch(),
  policy: DaySumsPolicy = DAY_SUMS_DEFAULT,
): Promise<GroupSums> {
  checkPeriods(periods);
  const machines = groups.flat();
  const adding = new Adding(groups, periods, rows);
  const by = headOf(machines);
  const giveWay = new GiveWay();
  rows.clear();
  for (let i = 0; i < periods.length && machines.length > 0; i += PERIODS_PER_QUERY_MAX) {
    const some = periods.slice(i, i + PERIODS_PER_QUERY_MAX);
    const { answer } = await askSums(transport, { machines, periods: some, by: ["machine"], days }, policy, by);
    await adding.add(answer, giveWay);
  }
  return adding.done(machines);
}

/** Each row begins with the place of its machine in the list. */
function headOf(machines: readonly string[]): SumsHead {
  const lists = machineLists(machines);
  const names = lists.map((_, i) => `{named${i}:Array(String)}`).join(", ");
  const places = lists.map((_, i) => `{places${i}:Array(UInt32)}`).join(", ");
  let place = 0;
  return {
    keys: ["machine"],
    // `toFloat64` would stay a dictionary, as the names are.
    head: [`CAST(transform(machine, arrayConcat(${names}), arrayConcat(${places}), toUInt32(0)), 'Float64')`],
    parameters: Object.fromEntries(
      lists.flatMap((list, i) => [
        [`named${i}`, list],
        [`places${i}`, list.map(() => place++)],
      ]),
    ),
    isSorted: false,
  };
}

class Adding {
  readonly #rows: RowBatch;
  readonly #periods: readonly Period[];
  /** By start in seconds. */
  readonly #placeOfPeriod: ReadonlyMap<number, number>;
  readonly #groupOf: Int32Array;
  readonly #groups: (GroupPeriod | undefined)[][];
  /** By group, period and decimals: one more than its row; 0: none yet. */
  readonly #rowOf: Int32Array;
  readonly #heads: readonly RowHead[] = Array.from({ length: WAYS }, (_, decimals) => ({ ...NO_HEAD, decimals }));
  /** Of each fine component: by row. */
  readonly #microseconds: readonly number[][] = FINE.map(() => []);
  /** By machine and period. */
  readonly #first: Float64Array;
  readonly #last: Float64Array;
  readonly #elapsedMs: Float64Array;

  constructor(groups: readonly (readonly string[])[], periods: readonly Period[], rows: RowBatch) {
    this.#rows = rows;
    this.#periods = periods;
    this.#placeOfPeriod = new Map(periods.map(({ from }, place) => [from / 1000, place]));
    this.#groupOf = Int32Array.from(groups.flatMap((machines, group) => machines.map(() => group)));
    this.#groups = groups.map(() => []);
    this.#rowOf = new Int32Array(groups.length * periods.length * WAYS);
    const cells = this.#groupOf.length * periods.length;
    this.#first = new Float64Array(cells).fill(Infinity);
    this.#last = new Float64Array(cells).fill(-Infinity);
    this.#elapsedMs = new Float64Array(cells);
  }

  async add(answer: AnswerRows, giveWay: GiveWay): Promise<void> {
    const columns = sumColumns(answer, 1);
    const machines = answer.numbers(0);
    const { length } = answer;
    const elapsed = new Float64Array(length);
    const planned = new Float64Array(length);
    for (const place of TIME_PLACES) addColumn(elapsed, columns.sums[place] as Float64Array);
    for (const place of PLANNED_PLACES) addColumn(planned, columns.sums[place] as Float64Array);
    const into = new Int32Array(length);
    for (let row = 0; row < length; row++) {
      into[row] = this.#addRow(columns, row, machines[row] as number, elapsed[row] as number, planned[row] as number);
      if (row % 512 === 0 && giveWay.due) await giveWay.now();
    }
    const { values } = this.#rows;
    for (let place = 0; place < WIDTH; place++) {
      const column = columns.sums[place] as Float64Array;
      for (let row = 0; row < length; row++) {
        const at = (into[row] as number) * WIDTH + place;
        values[at] = (values[at] as number) + (column[row] as number);
      }
      if (giveWay.due) await giveWay.now();
    }
    for (const [fine, sums] of this.#microseconds.entries()) {
      const column = columns.microseconds[fine] as Float64Array;
      for (let row = 0; row < length; row++) {
        const at = into[row] as number;
        sums[at] = (sums[at] as number) + (column[row] as number);
      }
    }
  }

  /** Adds all of a row but its components; answers the row to which these are added. */
  #addRow(columns: SumColumns, row: number, machine: number, elapsed: number, planned: number): number {
    const place = this.#placeOfPeriod.get(columns.period[row] as number) as number;
    const cell = machine * this.#periods.length + place;
    this.#first[cell] = Math.min(this.#first[cell] as number, (columns.first[row] as number) * 1000);
    this.#last[cell] = Math.max(this.#last[cell] as number, (columns.last[row] as number) * 1000 + MINUTE_MS);
    this.#elapsedMs[cell] = (this.#elapsedMs[cell] as number) + elapsed;
    const number = this.#groupOf[machine] as number;
    const periods = this.#groups[number] as (GroupPeriod | undefined)[];
    const group = (periods[place] ??= newPeriod((this.#periods[place] as Period).from));
    const takt = columns.takt[row] as number;
    if (!Number.isNaN(takt) && elapsed > 0) addTo(group.planned, takt, planned);
    const cost = columns.cost[row] as number;
    if (!Number.isNaN(cost)) {
      addTo(group.unplanned, cost, (columns.sums[PLACE.unplannedStopTime] as Float64Array)[row] as number);
      const failure = (columns.sums[PLACE.failureTime] as Float64Array)[row] as number;
      if (failure !== 0) addTo(group.failure, cost, failure);
    }
    const decimals = columns.decimals[row] as number;
    const way = (number * this.#periods.length + place) * WAYS + decimals;
    const known = this.#rowOf[way] as number;
    if (known !== 0) return known - 1;
    const own = this.#rows.addEmpty(this.#heads[decimals] as RowHead, group.from);
    for (const sums of this.#microseconds) sums.push(0);
    group.rows.push(own);
    this.#rowOf[way] = own + 1;
    return own;
  }

  done(machines: readonly string[]): GroupSums {
    const rows = this.#rows;
    for (const group of this.#groups.flat()) {
      for (const row of group?.rows.slice() ?? []) {
        const milliseconds = FINE_PLACES.map((place) => rows.values[row * WIDTH + place] as number);
        const before = rows.length;
        setFine(
          rows,
          rows.headAt(row),
          rows.fromAt(row),
          row,
          milliseconds,
          this.#microseconds.map((sums) => sums[row] as number),
        );
        for (let more = before; more < rows.length; more++) group?.rows.push(more);
      }
    }
    const covered = new Map<string, Covered>();
    const length = this.#periods.length;
    for (const [place, machine] of machines.entries()) {
      const [from, to] = [place * length, (place + 1) * length];
      const first = this.#first.subarray(from, to);
      if (first.every((instant) => instant === Infinity)) continue;
      const [last, elapsedMs] = [this.#last.subarray(from, to), this.#elapsedMs.subarray(from, to)];
      covered.set(machine, { first, last, elapsedMs });
    }
    return { rows, groups: this.#groups.map((periods) => periods.filter((period) => period !== undefined)), covered };
  }
}

function newPeriod(from: number): GroupPeriod {
  const none = (): RateTimes => ({ rates: [], times: [] });
  return { from, rows: [], planned: none(), unplanned: none(), failure: none() };
}

/** Most takts are of one machine, so that to look for them here would cost more than it saves. */
function addTo({ rates, times }: RateTimes, rate: number, ms: number): void {
  rates.push(rate);
  times.push(ms);
}

function addColumn(sums: Float64Array, column: Float64Array): void {
  for (let row = 0; row < sums.length; row++) sums[row] = (sums[row] as number) + (column[row] as number);
}
