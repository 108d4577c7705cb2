/**
 * The lines of SHDR, the text protocol that MTConnect adapters speak: `stamp|item|value|item|value…`. Assets, which
 * span lines, adapter commands and conditions are passed over; an item without a value has the empty one.
 */

export interface Observations {
  /** As the adapter wrote it, without a duration; empty where it wrote none. */
  readonly stamp: string;
  readonly values: readonly (readonly [item: string, value: string])[];
}

/** An asset of more lines than this has lost its end: what follows is read again. */
export const ASSET_LINES_MAX = 10_000;

const MULTILINE = "--multiline--";
const CONDITION_FIELDS = 6;
const CONDITION_LEVELS: ReadonlySet<string> = new Set(["NORMAL", "WARNING", "FAULT"]);

/** Reads the lines of one connection, or one file, in order. */
export class ShdrLines {
  /** What ends the asset that has begun. */
  #assetEnd: string | null = null;
  #assetLines = 0;

  /** What the line observes, or `null` when it is of another kind. */
  read(line: string): Observations | null {
    if (this.#assetEnd !== null) {
      this.#assetLines++;
      if (line.startsWith(this.#assetEnd) || this.#assetLines >= ASSET_LINES_MAX) this.#assetEnd = null;
      return null;
    }
    if (line.startsWith("*")) return null;
    const [stamp = "", ...fields] = fieldsOf(line);
    const last = fields.at(-1) ?? "";
    if (last.startsWith(MULTILINE)) {
      this.#assetEnd = last;
      this.#assetLines = 0;
      return null;
    }
    if (fields[0] === undefined || fields[0].startsWith("@") || isCondition(fields)) return null;
    const values: [string, string][] = [];
    for (let i = 0; i < fields.length; i += 2) values.push([fields[i] ?? "", fields[i + 1] ?? ""]);
    return { stamp: stamp.split("@", 1)[0] ?? "", values };
  }
}

/** A condition is alone on its line: item, level, native code, severity, qualifier, text. */
function isCondition(fields: readonly string[]): boolean {
  return fields.length === CONDITION_FIELDS && CONDITION_LEVELS.has(fields[1] ?? "");
}

/** A value that holds a bar is in quotation marks, and the bar has a backslash before it. */
function fieldsOf(line: string): string[] {
  const text = line.trimEnd();
  if (!text.includes("\\|")) return text.split("|");
  return text.split(/(?<!\\)\|/).map((field) => field.replace(/^"(.*)"$/, "$1").replaceAll("\\|", "|"));
}
