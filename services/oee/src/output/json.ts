/** Answers as one JSON array, an element a line, exact (contract.md, "Command line"). */
import { formatInstant } from "@oee/model";

/** Instants become RFC 3339; all else, and the order of the keys, is as in the record. */
export function* jsonOf<R extends { readonly from: number; readonly to: number }>(
  records: Iterable<R>,
): Iterable<string> {
  let separator = "[\n";
  for (const record of records) {
    yield separator + JSON.stringify({ ...record, from: formatInstant(record.from), to: formatInstant(record.to) });
    separator = ",\n";
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}
