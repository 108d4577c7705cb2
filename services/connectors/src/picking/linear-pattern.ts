/**
 * Regular expressions of JSONata, matched in time that grows with the text and no faster, by RE2: JavaScript's own may take hours for
 * a text of a line, in which nothing else is done. Those that look ahead or behind, or refer back, cannot be matched so.
 */
import { RE2JS } from "re2js";

const FLAGS: Readonly<Record<string, number>> = { i: RE2JS.CASE_INSENSITIVE, m: RE2JS.MULTILINE, s: RE2JS.DOTALL };

/** By the one of the expression, of which JSONata makes another in each evaluation. */
const COMPILED = new WeakMap<RegExp, RE2JS>();

function compiled(pattern: RegExp): RE2JS {
  let flags = 0;
  for (const flag of pattern.flags) flags |= FLAGS[flag] ?? 0;
  const made = RE2JS.compile(pattern.source, flags);
  COMPILED.set(pattern, made);
  return made;
}

/** As much of `RegExp` as JSONata uses, of one that looks for all matches. */
export class LinearPattern {
  /** Where to look from; after a match where it ends. */
  lastIndex = 0;
  readonly #pattern: RE2JS;

  /** Throws for what RE2 lacks. */
  constructor(pattern: RegExp) {
    this.#pattern = COMPILED.get(pattern) ?? compiled(pattern);
  }

  /** The text that matches, its groups, and where it begins. */
  exec(text: string): ((string | undefined)[] & { index: number }) | null {
    const matcher = this.#pattern.matcher(text);
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    this.lastIndex = matcher.end();
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? undefined);
    return Object.assign(groups, { index: matcher.start() });
  }
}
