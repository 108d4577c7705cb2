/** The reader's CSV dialect, kept in the browser. */
import { type Dialect, dialectOf } from "./csv.ts";

const KEY = "oee.csv";

export function dialectIn(locale: string): Dialect {
  const kept = localStorage.getItem(KEY);
  try {
    return kept === null ? dialectOf(locale) : { ...dialectOf(locale), ...(JSON.parse(kept) as Partial<Dialect>) };
  } catch {
    return dialectOf(locale);
  }
}

export function keepDialect(dialect: Dialect): void {
  localStorage.setItem(KEY, JSON.stringify(dialect));
}
