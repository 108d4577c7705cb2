/**
 * Rows of components in `kpi_minutes`. A row of which every component is 0 is written as deleted:
 * that is how a row whose time went to another product or shift disappears.
 */
import {
  COMPONENT_NAMES,
  type Components,
  eachComponent,
  PLACE,
  type Row,
  type RowBatch,
  type RowHead,
  WIDTH,
} from "@oee/model";
import {
  type BatchColumn,
  type Column,
  decimalsOrNull,
  flagNumbers,
  integers,
  integersIn,
  integersOrNull,
  minutes,
  names,
  versions,
} from "./native-column.ts";
import { columnOf } from "./component-columns.ts";

/** What a write says of its rows: their version and the plant file that they were computed with. */
export interface Stamp {
  /** The version, 0 to 2^64 - 1: of two rows of one key the one with the greater version counts, in whatever order they are written. */
  readonly version: bigint;
  /** Digest of the plant file (DI-3). */
  readonly plantVersion: string;
}

/** The stamp of all records, or of those of a machine. */
export type StampOf = Stamp | ((machine: string) => Stamp);

export function stampsOf(stamp: StampOf): (record: { readonly machine: string }) => Stamp {
  return typeof stamp === "function" ? ({ machine }) => stamp(machine) : () => stamp;
}

export function kpiMinuteColumns(stamp: StampOf): readonly BatchColumn<RowBatch>[] {
  const of = stampsOf(stamp);
  return [
    ofHeads(names("machine", (head) => head.machine)),
    { ...MINUTES, write: (block, { froms }) => MINUTES.write(block, froms) },
    ofHeads(names("product", (head) => head.product)),
    ofHeads(names("shift", (head) => head.shift)),
    ofHeads(names("shift_date", (head) => head.shiftDate)),
    ...COMPONENT_NAMES.map((component) =>
      integersIn<RowBatch>(columnOf(component), ({ values }) => values, WIDTH, PLACE[component]),
    ),
    ofHeads(integersOrNull("takt_us", (head) => head.taktUs)),
    ofHeads(decimalsOrNull("cost_per_hour", (head) => head.costPerHour)),
    ofHeads(integers("decimals", (head) => head.decimals)),
    ofHeads(names("plant_version", (head) => of(head).plantVersion)),
    ofHeads(versions("version", (head) => of(head).version)),
    {
      ...DELETED,
      write: (block, batch) =>
        DELETED.write(
          block,
          Array.from({ length: batch.length }, (_, i) => isEmpty(batch, i)),
        ),
    },
  ];
}

const MINUTES = minutes<number>("minute", (from) => from);
const DELETED = flagNumbers<boolean>("deleted", (empty) => empty);

function ofHeads(column: Column<RowHead>): BatchColumn<RowBatch> {
  return { ...column, write: (block, { heads }) => column.write(block, heads) };
}

function isEmpty({ values }: RowBatch, row: number): boolean {
  for (let i = row * WIDTH; i < (row + 1) * WIDTH; i++) if (values[i] !== 0) return false;
  return true;
}

/** A row as stored, with what it was computed from. */
export interface StoredRow extends Row, Stamp {}

export const STORED_ROW_COLUMNS: string = [
  "machine, toUnixTimestamp(minute) AS minute, product, shift, shift_date, takt_us, cost_per_hour, decimals, plant_version, version",
  ...COMPONENT_NAMES.map((component) => `${columnOf(component)} AS ${component}`),
].join(", ");

export type StoredRowJson = { readonly [component in keyof Components]: string } & {
  readonly machine: string;
  readonly minute: number;
  readonly product: string;
  readonly shift: string;
  readonly shift_date: string;
  readonly takt_us: string | null;
  readonly cost_per_hour: number | null;
  readonly decimals: number;
  readonly plant_version: string;
  readonly version: string;
};

export function storedRowOf(json: StoredRowJson): StoredRow {
  return {
    machine: json.machine,
    from: json.minute * 1000,
    product: json.product || null,
    shift: json.shift || null,
    shiftDate: json.shift_date || null,
    taktUs: json.takt_us === null ? null : Number(json.takt_us),
    costPerHour: json.cost_per_hour,
    decimals: json.decimals,
    plantVersion: json.plant_version,
    version: BigInt(json.version),
    ...eachComponent((component) => Number(json[component])),
  };
}
