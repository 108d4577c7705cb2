/**
 * Rows of a file as objects by column: CSV, NDJSON, a JSON array, Excel and Parquet, told apart by their first bytes where no format is
 * named. A file is held whole, at most `FILE_BYTES_MAX`.
 */
import { parse } from "csv-parse/sync";
import type { SchemaElement } from "hyparquet";
import { decimalIn, tableRows } from "../picking/table-row.ts";

export const FORMATS = ["csv", "ndjson", "json", "xlsx", "parquet"] as const;

export type Format = (typeof FORMATS)[number];

export interface RowOptions {
  /** `null`: by the first bytes. */
  readonly format: Format | null;
  /** `null`: the one of `;`, `,`, tab and `|` that the first line has most of. */
  readonly separator: string | null;
  readonly encoding: string;
  /** `null`: the first. */
  readonly sheet: string | null;
}

export interface NumberedRow {
  /** As an editor counts lines, or rows of a table from 1. */
  readonly number: number;
  readonly row: unknown;
  /** `row` could not be read, and why. */
  readonly why: string | null;
}

export const FILE_BYTES_MAX: number = 256 * 1024 * 1024;

/** Throws where the file cannot be read as a whole. */
export async function rowsOf(bytes: Buffer, options: RowOptions): Promise<readonly NumberedRow[]> {
  switch (options.format ?? formatOf(bytes)) {
    case "csv":
      return csvRows(textOf(bytes, options.encoding), options.separator);
    case "ndjson":
      return ndjsonRows(textOf(bytes, options.encoding));
    case "json":
      return jsonRows(textOf(bytes, options.encoding));
    case "xlsx":
      return excelRows(bytes, options.sheet);
    case "parquet":
      return parquetRows(bytes);
  }
}

function formatOf(bytes: Buffer): Format {
  if (bytes.subarray(0, 4).toString("latin1") === "PAR1") return "parquet";
  if (bytes.subarray(0, 4).toString("latin1") === "PK\u0003\u0004") return "xlsx";
  const [bracket] = /(?<=^(?:\xef\xbb\xbf)?\s*)[[{]/.exec(bytes.subarray(0, 200).toString("latin1")) ?? [];
  if (bracket === undefined) return "csv";
  return bracket === "[" ? "json" : "ndjson";
}

function textOf(bytes: Buffer, encoding: string): string {
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

const SEPARATORS = [";", ",", "\t", "|"];

function csvRows(text: string, separator: string | null): readonly NumberedRow[] {
  // The first line that has anything: there may be empty ones above it.
  const header = /[^\r\n]*\S[^\r\n]*/.exec(text)?.[0] ?? "";
  const counted = SEPARATORS.map((one) => [header.split(one).length, one] as const);
  const delimiter = separator ?? counted.reduce((most, next) => (next[0] > most[0] ? next : most))[1];
  const records = parse(text, {
    delimiter,
    // Files that were put together of others have several.
    record_delimiter: ["\r\n", "\n", "\r"],
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  }) as unknown as readonly { readonly record: readonly string[]; readonly info: { readonly lines: number } }[];
  const [first, ...rest] = records;
  const columns = first?.record ?? [];
  const rowOf = tableRows(columns);
  return rest.map(({ record, info }) => {
    const why = record.length === columns.length ? null : `expected ${columns.length} columns, found ${record.length}`;
    // An empty cell is no observation.
    return { number: info.lines, row: rowOf(record.map((cell) => (cell === "" ? null : cell))), why };
  });
}

function ndjsonRows(text: string): readonly NumberedRow[] {
  return text.split("\n").flatMap((line, i): readonly NumberedRow[] => {
    if (line.trim() === "") return [];
    try {
      return [{ number: i + 1, row: JSON.parse(line), why: null }];
    } catch {
      return [{ number: i + 1, row: null, why: `expected JSON, found ${JSON.stringify(line.slice(0, 80))}` }];
    }
  });
}

/** A list of objects, or one. */
function jsonRows(text: string): readonly NumberedRow[] {
  const parsed: unknown = JSON.parse(text);
  const rows: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return rows.map((row, i) => ({ number: i + 1, row, why: null }));
}

async function excelRows(bytes: Buffer, sheet: string | null): Promise<readonly NumberedRow[]> {
  const { default: readXlsxFile } = await import("read-excel-file/node");
  const sheets = await readXlsxFile(bytes);
  const found = sheet === null ? sheets[0] : sheets.find((one) => one.sheet === sheet);
  if (found === undefined)
    throw new Error(`expected the sheet ${sheet}, found ${sheets.map((one) => one.sheet).join(", ")}`);
  const [header = [], ...rows] = found.data;
  const rowOf = tableRows(header.map(String));
  return rows.map((cells, i) => ({ number: i + 2, row: rowOf(cells.map(toWholeSecond)), why: null }));
}

/**
 * Mends a date of Excel that its reader cut down. A cell holds days as a binary fraction, so 07:20:00 may be some 0.1 µs less.
 * The reader rounds that down to 07:19:59.999, which is another minute, maybe another shift.
 */
function toWholeSecond(cell: unknown): unknown {
  const isCutDown = cell instanceof Date && cell.getTime() % 1000 === 999;
  return isCutDown ? new Date(cell.getTime() + 1) : cell;
}

async function parquetRows(bytes: Buffer): Promise<readonly NumberedRow[]> {
  const [{ parquetMetadata, parquetReadObjects }, { compressors }] = await Promise.all([
    import("hyparquet"),
    import("hyparquet-compressors"),
  ]);
  const file = Uint8Array.from(bytes).buffer;
  const metadata = parquetMetadata(file);
  const local = new Set(metadata.schema.filter((column) => isLocal(column)).map((column) => column.name));
  // The reader multiplies a decimal's whole number by 0.01 and the like, so that 4.35 becomes 4.3500000000000005: it is to give the whole number.
  const scales = new Map<string, number>();
  for (const column of metadata.schema) {
    if (column.converted_type !== "DECIMAL" || column.type === "BYTE_ARRAY") continue;
    scales.set(column.name, column.scale ?? 0);
    delete column.converted_type;
  }
  const rows = await parquetReadObjects({ file, metadata, compressors });
  return rows.map((row, i) => {
    const filled = Object.entries(row).filter(([, cell]) => cell !== null && cell !== undefined);
    const plain = filled.map(([name, cell]) => {
      const scale = scales.get(name);
      if (scale !== undefined) return [name, decimalIn(decimalText(cell as Unscaled, scale))] as const;
      return [name, local.has(name) ? cell : plainOf(cell)] as const;
    });
    return { number: i + 1, row: Object.fromEntries(plain), why: null };
  });
}

/** The whole number of a decimal; as bytes the most significant comes first. */
type Unscaled = number | bigint | Uint8Array;

function decimalText(unscaled: Unscaled, scale: number): string {
  const whole =
    unscaled instanceof Uint8Array
      ? BigInt.asIntN(8 * unscaled.length, BigInt(`0x${Buffer.from(unscaled).toString("hex")}`))
      : BigInt(unscaled);
  const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${whole < 0n ? "-" : ""}${digits.slice(0, point)}${scale > 0 ? "." : ""}${digits.slice(point)}`;
}

/** Whether a column holds what clocks showed (pandas' timestamps without a zone) or days, which need the connection's `timezone`. */
function isLocal({ logical_type: type, converted_type: converted }: SchemaElement): boolean {
  if (type?.type === "DATE" || converted === "DATE") return true;
  return type?.type === "TIMESTAMP" && !type.isAdjustedToUTC;
}

/** A whole number that none can be to the last digit, as that of an order may be, is a text. */
function plainOf(cell: unknown): unknown {
  if (typeof cell === "bigint") return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
  return cell instanceof Date ? cell.toISOString() : cell;
}
