/**
 * The port of the text formats CSV and JSON: the text before all records, of each record, and after them, each made on
 * demand.
 */
export interface TextFormat<R> {
  readonly head: string;
  /** The text of a record; `index` is the number of records before it. */
  readonly textOf: (record: R, index: number) => string;
  readonly tailOf: (records: number) => string;
}

/** The whole text, in pieces. */
export function* textsOf<R>(records: Iterable<R>, { head, textOf, tailOf }: TextFormat<R>): Iterable<string> {
  let count = 0;
  yield head;
  for (const record of records) yield textOf(record, count++);
  yield tailOf(count);
}
