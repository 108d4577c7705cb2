/** The port to which the events of an input are given, one after the other. */
import type { OnLine, OnLineRefused, TakeLine } from "@oee/model";

export interface EventSink {
  readonly line: OnLine;
  /** Lines that are known at sight, where there is a way to know them. */
  readonly takeLine?: TakeLine;
  readonly lineRefused: OnLineRefused;
  /** A row of a columnar file as an object of its columns, nulls left out. Numbers count from 1. */
  row(row: object, number: number): void;
  /** Before the rows of a columnar file: its columns of instants that say what clocks showed, not where. They are read as UTC. */
  withoutZone?(columns: readonly string[]): void;
  /** Reading goes on when it resolves; asked for after each chunk, and after some rows. */
  room?(): Promise<void>;
}
