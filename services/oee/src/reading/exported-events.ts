/**
 * Events out of rows of `oee export --table events`: each row has its event, as it came, in the column `raw`. Repeats (CN-4) are
 * left out, for they counted nothing. Rows are in order of machine and instant, which is all that other events need; corrections
 * apply in the order of the log (TL-7), so they come last, and in it.
 */
import type { EventSink } from "./event-sink.ts";

type Line = Parameters<EventSink["line"]>;

/** Columns by which such rows are known. Events have none of them. */
const COLUMNS = ["raw", "is_repeat", "record_index", "received_at"] as const;
/** By which the order of the log is told, beside the topic. */
const PLACE = ["partition", "offset", "record_index"] as const;

/** Whether the beginning of a text has the names of all columns, as a header of CSV or the first line of NDJSON has. */
export function looksExported(text: string): boolean {
  return COLUMNS.every((name) => text.includes(`"${name}"`));
}

export class ExportedEvents {
  readonly #sink: Pick<EventSink, "line" | "row">;
  readonly #corrections: { readonly topic: string; readonly place: readonly number[]; readonly line: Line }[] = [];

  constructor(sink: Pick<EventSink, "line" | "row">) {
    this.#sink = sink;
  }

  /** A row of any file: one that is not exported is an event itself. */
  row(row: object, number: number): void {
    if (!this.#take(row, number)) this.#sink.row(row, number);
  }

  /** A line that may be an exported row. */
  line(...[bytes, start, end, number]: Line): void {
    const row = objectIn(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8"));
    if (row === null || !this.#take(row, number)) this.#sink.line(bytes, start, end, number);
  }

  /** No row comes any more. */
  finish(): void {
    const inOrder = this.#corrections.toSorted((a, b) => {
      if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
      const differing = a.place.findIndex((value, i) => value !== b.place[i]);
      return differing === -1 ? 0 : (a.place[differing] as number) - (b.place[differing] as number);
    });
    for (const { line } of inOrder) this.#sink.line(...line);
  }

  #take(row: object, number: number): boolean {
    const fields = row as Readonly<Record<string, unknown>>;
    const { raw, is_repeat: isRepeat, type, topic } = fields;
    if (typeof raw !== "string" || COLUMNS.some((name) => !(name in row))) return false;
    if (isRepeat === true || isRepeat === "true") return true;
    const bytes = Buffer.from(raw);
    const line: Line = [bytes, 0, bytes.length, number];
    if (type !== "correction") this.#sink.line(...line);
    else this.#corrections.push({ topic: String(topic), place: PLACE.map((name) => Number(fields[name])), line });
    return true;
  }
}

function objectIn(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
