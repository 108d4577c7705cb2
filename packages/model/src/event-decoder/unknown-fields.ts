/**
 * Counts fields of accepted events that have no meaning, by event type and field name. Such fields are stored with the raw
 * event and ignored otherwise; the counts show a misspelled `reson`, or a `product` on a state event.
 */
import type { PlantEvent } from "../event.ts";

const OF_ALL = ["type", "machine", "at", "id"];

/** What an event of a type may say. */
const KNOWN: Readonly<Record<string, ReadonlySet<string>>> = {
  state: new Set([...OF_ALL, "state", "reason"]),
  count: new Set([...OF_ALL, "good", "scrap", "rework", "startup", "total", "produced", "product", "order"]),
  job: new Set([...OF_ALL, "product", "order", "idealCycleSeconds", "piecesPerCount"]),
  correction: new Set([...OF_ALL, "from", "to", "state", "reason", "clear", "by", "note"]),
};
const OF_TOTAL: ReadonlySet<string> = new Set(["good", "scrap", "rework", "produced"]);

export const NO_FIELDS: readonly string[] = [];

/** Names of the fields that an accepted event of this JSON object passes over; those of `total` as `total.name`. */
export function unknownFieldsOf(value: object): readonly string[] {
  const fields = value as Readonly<Record<string, unknown>>;
  const known = KNOWN[String(fields["type"])];
  if (known === undefined) return NO_FIELDS;
  const found = without(fields, known);
  const { total } = fields;
  if (typeof total === "object" && total !== null) {
    found.push(...without(total as Readonly<Record<string, unknown>>, OF_TOTAL).map((name) => `total.${name}`));
  }
  return found.length === 0 ? NO_FIELDS : found;
}

/** A field that is `null` is absent. */
function without(fields: Readonly<Record<string, unknown>>, known: ReadonlySet<string>): string[] {
  return Object.keys(fields).filter((name) => !known.has(name) && fields[name] !== null && fields[name] !== undefined);
}

/** So many names are counted singly; all further ones are counted together. */
const NAMES_MAX = 50;
const NAME_CHARACTERS_MAX = 64;
/** What they are counted under. */
export const FURTHER_FIELDS = "(further fields)";

/** How many events had which unknown field. */
export class UnknownFields {
  /** By type and name, with a space between: `state product`. */
  readonly counts: Map<string, number> = new Map();

  /** `onField` hears of each under the name that it is counted by. */
  add(type: PlantEvent["type"], names: readonly string[], onField?: (type: string, field: string) => void): void {
    const wire = type === "total" ? "count" : type;
    for (const name of names) {
      let field = name.slice(0, NAME_CHARACTERS_MAX);
      if (!this.counts.has(`${wire} ${field}`) && this.counts.size >= NAMES_MAX) field = FURTHER_FIELDS;
      const key = `${wire} ${field}`;
      this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
      onField?.(wire, field);
    }
  }
}
