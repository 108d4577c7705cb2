/** What an input is, by its first bytes and never by its name; and what can be done with one that holds no events as it is. */
import { Failure } from "../failure.ts";
import { looksExported } from "./exported-events.ts";

export type Format = "ndjson" | "json" | "exported-csv" | "arrow" | "parquet";

/** Files that people try, by the bytes they begin with, and what to do. */
const REFUSED: readonly { readonly begins: string; readonly told: string }[] = [
  { begins: "\x1f\x8b", told: "found gzip within gzip, expected events" },
  { begins: "\x28\xb5\x2f\xfd", told: "found zstd, expected events: `zstdcat FILE | oee … -`" },
  { begins: "BZh", told: "found bzip2, expected events: `bzcat FILE | oee … -`" },
  { begins: "\xfd7zXZ", told: "found xz, expected events: `xzcat FILE | oee … -`" },
  { begins: "\x04\x22\x4d\x18", told: "found LZ4, expected events: `lz4cat FILE | oee … -`" },
  {
    begins: "PK\x03\x04",
    told: 'found an Excel workbook (.xlsx) or another ZIP, expected events: save it as CSV, then see docs/cli.md, "From CSV and Excel"',
  },
  {
    begins: "\xd0\xcf\x11\xe0",
    told: 'found an old Excel workbook (.xls), expected events: save it as CSV, then see docs/cli.md, "From CSV and Excel"',
  },
];

/** Throws `Failure` for what holds no events. */
export function formatOf(head: Uint8Array): Format {
  const text = Buffer.from(head).toString("latin1");
  if (text.startsWith("PAR1")) return "parquet";
  // A stream begins with the mark of its first message.
  if (text.startsWith("ARROW1") || text.startsWith("\xff\xff\xff\xff")) return "arrow";
  const refused = REFUSED.find(({ begins }) => text.startsWith(begins));
  if (refused !== undefined) throw new Failure(refused.told);
  const lines = text.replace(/^\xef\xbb\xbf/, "").split(/\r?\n/);
  const firstAt = lines.findIndex((line) => line.trim() !== "");
  const [first = "", second = ""] = lines.slice(firstAt === -1 ? 0 : firstAt);
  // An array of events, or values as `jq` and editors lay them out.
  if (first.trimStart().startsWith("[") || (first.trim() === "{" && lines.length > firstAt + 1)) return "json";
  if (first.startsWith('"') && looksExported(first)) return "exported-csv";
  if (isCsv(first, second)) {
    const columns = Buffer.from(first.slice(0, 80), "latin1").toString("utf8");
    throw new Failure(
      `found CSV with the columns ${JSON.stringify(columns)}, expected events as NDJSON, Arrow or Parquet, ` +
        'an object for each instant with its offset: see docs/cli.md, "From CSV and Excel"',
    );
  }
  return "ndjson";
}

/** Two lines of which neither is JSON, with equally many separators. */
function isCsv(first: string, second: string): boolean {
  if ([first, second].some((line) => line.trim() === "" || /^\s*[{[]/.test(line))) return false;
  return [";", ",", "\t", "|"].some((separator) => {
    const columns = fieldsIn(first, separator);
    return columns > 1 && columns === fieldsIn(second, separator);
  });
}

function fieldsIn(line: string, separator: string): number {
  return line.replace(/"[^"]*"/g, "").split(separator).length;
}
