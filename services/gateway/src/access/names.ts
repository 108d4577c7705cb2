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

  /** `hidden`: answers show identifiers alone. `keptMs`: how long after the last sign-in; `null`: until erased. */
  constructor(log: AccessLog, clock: () => number, hidden: boolean, keptMs: number | null) {
    this.#log = log;
    this.#clock = clock;
    this.hidden = hidden;
    this.#keptMs = keptMs;
  }

  /** Notes who a person is, at a sign-in: once a day, unless the name has changed. */
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

  /** `null`: not known, or no more. */
  of(id: string): string | null {
    const name = this.#log.get("person", id)?.["name"];
    return typeof name === "string" ? name : null;
  }

  /** By name, for administrators. */
  all(): readonly { readonly id: string; readonly name: string; readonly seen: number }[] {
    return [...this.#log.all("person")].map(([id, { name, seen }]) => ({ id, name: String(name), seen: Number(seen) }));
  }

  /** A text of an answer, with names in the place of identifiers. */
  shown(text: string): string {
    if (this.hidden || !text.includes("person-")) return text;
    return text.replaceAll(PERSON_ID, (id) => this.of(id) ?? id);
  }

  /** Whose names were kept for as long as names are. */
  over(): readonly string[] {
    const keptMs = this.#keptMs;
    if (keptMs === null) return [];
    return this.all().flatMap(({ id, seen }) => (seen + keptMs <= this.#clock() ? [id] : []));
  }
}
/** A name from elsewhere as one that may stand in JSON, CSV and tables as it is. */
export function plainName(text: string): string {
  const plain = text
    .replaceAll(/[^\p{L}\p{N} ._@-]/gu, " ")
    .replaceAll(/\s+/g, " ")
    .replace(/^[^\p{L}\p{N}]+/u, "")
    .trim();
  return plain === "" ? "nameless" : plain.slice(0, 64);
}
