/** Answers as one JSON array, an element a line, exact; each as its layout says. */
export function* jsonOf<R>(records: Iterable<R>, valueOf: (record: R) => unknown): Iterable<string> {
  let separator = "[\n";
  for (const record of records) {
    yield separator + JSON.stringify(valueOf(record));
    separator = ",\n";
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}
