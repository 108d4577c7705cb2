/**
 * The lines of SHDR, the text protocol that MTConnect adapters speak: `stamp|item|value|item|value…`. Assets, adapter
 * commands and conditions are passed over; an item without a value has the empty one. A value may span lines.
 */

export interface Observations {
  /** As the adapter wrote it, without a duration; empty where it wrote none. */
  readonly stamp: string;
  readonly values: readonly (readonly [item: string, value: string])[];
}

/** An asset or a value of more lines than this has lost its end: what follows is read again. */
export const BODY_LINES_MAX = 10_000;

const MULTILINE = "--multiline--";
const CONDITION_FIELDS = 6;
const CONDITION_LEVELS: ReadonlySet<string> = new Set(["NORMAL", "WARNING", "FAULT"]);

/** What spans lines. */
interface Body {
  /** The line that ends it. */
  readonly end: string;
  /** Whose value it is; `null`: an asset. */
  readonly of: { readonly stamp: string; readonly item: string } | null;
  readonly lines: string[];
  count: number;
}

/** Reads the lines of one connection, or one file, in order. */
export class ShdrLines {
  #body: Body | null = null;

  /** What the line observes, or `null` when it is of another kind. */
  read(line: string): Observations | null {
    if (this.#body !== null) return this.#within(this.#body, line);
    if (line.startsWith("*")) return null;
    const [written = "", ...fields] = fieldsOf(line);
    const stamp = written.split("@", 1)[0] ?? "";
    const isAsset = fields[0]?.startsWith("@") === true;
    const last = fields.at(-1) ?? "";
    if (last.startsWith(MULTILINE)) {
      fields.pop();
      const item = isAsset || fields.length % 2 === 0 ? undefined : fields.pop();
      this.#body = { end: last, of: item === undefined ? null : { stamp, item }, lines: [], count: 0 };
    }
    if (fields.length === 0 || isAsset || isCondition(fields)) return null;
    const values: [string, string][] = [];
    for (let i = 0; i < fields.length; i += 2) values.push([fields[i] ?? "", fields[i + 1] ?? ""]);
    return { stamp, values };
  }

  #within(body: Body, line: string): Observations | null {
    const { end, of, lines } = body;
    const isEnd = line.startsWith(end);
    if (isEnd || ++body.count >= BODY_LINES_MAX) this.#body = null;
    if (of === null) return null;
    if (!isEnd) lines.push(line.trimEnd());
    return isEnd ? { stamp: of.stamp, values: [[of.item, lines.join("\n")]] } : null;
  }
}

/** A condition is alone on its line: item, level, native code, severity, qualifier, text. */
function isCondition(fields: readonly string[]): boolean {
  return fields.length === CONDITION_FIELDS && CONDITION_LEVELS.has(fields[1] ?? "");
}

/** A value that is in quotation marks as a whole: there alone a backslash escapes what follows, such as a bar. */
const QUOTED = /\s*"((?:\\.|[^|\\])*)"\s*(?=\||$)/y;
const PLAIN = /[^|]*/y;

/** As agents take them apart: without the spaces around them. */
function fieldsOf(line: string): string[] {
  if (!line.includes('"')) return line.split("|").map((field) => field.trim());
  const fields: string[] = [];
  for (let at = 0; at <= line.length; at++) {
    QUOTED.lastIndex = PLAIN.lastIndex = at;
    const [whole, content] = QUOTED.exec(line) ?? PLAIN.exec(line) ?? [""];
    fields.push(content?.replaceAll(/\\(.)/g, "$1") ?? whole.trim());
    at += whole.length;
  }
  return fields;
}
