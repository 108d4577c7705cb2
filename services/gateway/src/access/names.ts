/**
 * Keeps the names of people apart from what they did: events, entries and the audit hold identifiers without meaning,
 * and answers show the name as long as it is known. The name of a person who is erased, or was not seen for as long as
 * names are kept, is deleted; figures that they entered stay.
 */
import type { AccessLog } from "./access-log.ts";
import { PERSON_ID } from "./users.ts";

const DAY_MS = 86_400_000;

export class Names {
  readonly #log: AccessLog;
  readonly #clock: () => number;
  /** Whether answers show identifiers in the place of names. */
  readonly hidden: boolean;
  readonly #keptMs: number | null;

  /** `hidden`: answers show identifiers alone. `keptMs`: how long after the last sign-in a name is kept; `null`: until it is erased. */
  constructor(log: AccessLog, clock: () => number, hidden: boolean, keptMs: number | null) {
    this.#log = log;
    this.#clock = clock;
    this.hidden = hidden;
    this.#keptMs = keptMs;
  }

  /** Writes a person's name and the day to the topic at a sign-in; once a day, unless the name has changed. */
  async note(id: string, name: string): Promise<void> {
    const known = this.#log.get("person", id);
    if (known?.["name"] === name && this.#clock() - Number(known["seen"]) < DAY_MS) return;
    await this.#log.put("person", id, { name, seen: this.#clock() });
  }

  async erase(id: string): Promise<boolean> {
    const known = this.#log.get("person", id) !== undefined;
    if (known) await this.#log.remove("person", id);
    return known;
  }

  /** The name of a person; `null`: it is not known, or was erased. */
  of(id: string): string | null {
    const name = this.#log.get("person", id)?.["name"];
    return typeof name === "string" ? name : null;
  }

  /** All known people in order of their names, for administrators. */
  all(): readonly { readonly id: string; readonly name: string; readonly seen: number }[] {
    return [...this.#log.all("person")].map(([id, { name, seen }]) => ({ id, name: String(name), seen: Number(seen) }));
  }

  /** A text of an answer in which identifiers are replaced by names. */
  shown(text: string): string {
    if (this.hidden || !text.includes("person-")) return text;
    return text.replaceAll(PERSON_ID, (id) => this.of(id) ?? id);
  }

  /** Identifiers of the people whose names have been kept for `keptMs`. */
  over(): readonly string[] {
    const keptMs = this.#keptMs;
    if (keptMs === null) return [];
    return this.all().flatMap(({ id, seen }) => (seen + keptMs <= this.#clock() ? [id] : []));
  }
}
/** A name from outside without the characters that JSON, CSV or a table would have to escape. */
export function plainName(text: string): string {
  const plain = text
    .replaceAll(/[^\p{L}\p{N} ._@-]/gu, " ")
    .replaceAll(/\s+/g, " ")
    .replace(/^[^\p{L}\p{N}]+/u, "")
    .trim();
  return plain === "" ? "nameless" : plain.slice(0, 64);
}
