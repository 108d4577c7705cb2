/**
 * Tables as CSV (RFC 4180) in the dialect of the reader's spreadsheet. Numbers are unrounded, as the API has them. A text that a
 * spreadsheet would take for a formula gets an apostrophe before it.
 */
export interface Dialect {
  readonly separator: "," | ";" | "\t";
  readonly decimal: "." | ",";
  readonly byteOrderMark: boolean;
}

export type CsvValue = string | number | boolean | null;

/** A decimal number as text, so that no digit is lost: money. */
export interface CsvDecimal {
  readonly decimal: string;
}

const BYTE_ORDER_MARK = "\ufeff";
const LINE_END = "\r\n";

export function csvOf(
  header: readonly string[],
  rows: readonly (readonly (CsvValue | CsvDecimal)[])[],
  dialect: Dialect,
): string {
  const line = (values: readonly (CsvValue | CsvDecimal)[]): string =>
    values.map((value) => fieldOf(value, dialect)).join(dialect.separator) + LINE_END;
  return (dialect.byteOrderMark ? BYTE_ORDER_MARK : "") + line(header) + rows.map(line).join("");
}

function fieldOf(value: CsvValue | CsvDecimal, { separator, decimal }: Dialect): string {
  if (value === null) return "";
  if (typeof value === "number") return quoted(String(value).replace(".", decimal), separator);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "object") return quoted(value.decimal.replace(".", decimal), separator);
  return quoted(defused(value), separator);
}

/** A text with an apostrophe before it, if a spreadsheet would take it for a formula, also after spaces. */
function defused(text: string): string {
  return /^[\s\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(text) ? `'${text}` : text;
}

function quoted(text: string, separator: string): string {
  const special = text.includes(separator) || /["\r\n]/.test(text);
  return special ? `"${text.replace(/"/g, '""')}"` : text;
}

/** The dialect of a locale's spreadsheets: where decimals have a comma, fields are separated by semicolons. */
export function dialectOf(locale: string): Dialect {
  const comma = new Intl.NumberFormat(locale).format(1.5).includes(",");
  return comma
    ? { separator: ";", decimal: ",", byteOrderMark: true }
    : { separator: ",", decimal: ".", byteOrderMark: true };
}
