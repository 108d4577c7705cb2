/** Segments of stops in `stops`, keyed by machine and start. */
import type { Category, StopSegment } from "@oee/model";
import { type Column, flagNumbers, flags, instants, integers, names, texts, versions } from "./native-column.ts";
import { type StampOf, stampsOf } from "./kpi-minute-table.ts";

/** Names a stored segment. */
export interface StopKey {
  readonly machine: string;
  readonly from: number;
}

/** A segment to keep, or the key of one to take back. */
export type StopRecord = StopSegment | StopKey;

const isKept = (record: StopRecord): record is StopSegment => "stop" in record;

export function stopColumns(stamp: StampOf): readonly Column<StopRecord>[] {
  const stampOf = stampsOf(stamp);
  const of =
    <T>(read: (segment: StopSegment) => T, otherwise: T) =>
    (record: StopRecord): T =>
      isKept(record) ? read(record) : otherwise;
  return [
    names("machine", (record) => record.machine),
    instants("from_time", (record) => record.from),
    instants("to_time", (record) => (isKept(record) ? record.to : record.from)),
    texts(
      "stop",
      of<string>((segment) => segment.stop, ""),
    ),
    names(
      "state",
      of<string>((segment) => segment.state, ""),
    ),
    names(
      "reason",
      of((segment) => segment.reason, null),
    ),
    names(
      "category",
      of<string>((segment) => segment.category, ""),
    ),
    flags(
      "failure",
      of((segment) => segment.failure, false),
    ),
    flags(
      "minor",
      of((segment) => segment.minor, false),
    ),
    flags(
      "open",
      of((segment) => segment.open, false),
    ),
    integers(
      "duration_ms",
      of((segment) => segment.duration, 0),
    ),
    integers(
      "scheduled_duration_ms",
      of((segment) => segment.scheduledDuration, 0),
    ),
    names(
      "product",
      of((segment) => segment.product, null),
    ),
    names(
      "shift",
      of((segment) => segment.shift, null),
    ),
    names(
      "shift_date",
      of((segment) => segment.shiftDate, null),
    ),
    names(
      "crew",
      of((segment) => segment.crew, null),
    ),
    names(
      "corrected_by",
      of((segment) => segment.correctedBy, null),
    ),
    names("plant_version", (record) => stampOf(record).plantVersion),
    versions("version", (record) => stampOf(record).version),
    flagNumbers("deleted", (record) => !isKept(record)),
  ];
}

export const STOP_COLUMNS: string =
  "machine, toUnixTimestamp64Milli(from_time) AS from_ms, toUnixTimestamp64Milli(to_time) AS to_ms, stop, state, reason, " +
  "category, failure, minor, open, duration_ms, scheduled_duration_ms, product, shift, shift_date, crew, corrected_by";

export interface StopJson {
  readonly machine: string;
  readonly from_ms: string;
  readonly to_ms: string;
  readonly stop: string;
  readonly state: string;
  readonly reason: string;
  readonly category: Category;
  readonly failure: boolean;
  readonly minor: boolean;
  readonly open: boolean;
  readonly duration_ms: string;
  readonly scheduled_duration_ms: string;
  readonly product: string;
  readonly shift: string;
  readonly shift_date: string;
  readonly crew: string;
  readonly corrected_by: string;
}

export function stopSegmentOf(json: StopJson): StopSegment {
  return {
    machine: json.machine,
    stop: json.stop,
    from: Number(json.from_ms),
    to: Number(json.to_ms),
    state: json.state,
    reason: json.reason || null,
    category: json.category,
    failure: json.failure,
    minor: json.minor,
    duration: Number(json.duration_ms),
    scheduledDuration: Number(json.scheduled_duration_ms),
    open: json.open,
    shift: json.shift || null,
    shiftDate: json.shift_date || null,
    crew: json.crew || null,
    product: json.product || null,
    correctedBy: json.corrected_by || null,
  };
}
