/**
 * Remembers the state of plant file, settings, schema and users by the newest audit line of each, and compares it with the one
 * in force now. So a change that was made while no process ran is in the audit after the next start, and a change that several
 * processes see is there once.
 */
import type { AuditFacts, AuditLine } from "./audit-line.ts";

export const STATE_KINDS = ["plant-file", "settings", "schema", "user"] as const;
export type StateKind = (typeof STATE_KINDS)[number];
export type AuditState = Readonly<Record<string, unknown>>;

/** Most states that are remembered, in case processes have ever new names. */
const KNOWN_MAX = 100_000;

export class AuditStates {
  readonly #known = new Map<string, AuditState>();

  take(line: AuditLine | null): void {
    if (line === null || !STATE_KINDS.some((kind) => kind === line.kind)) return;
    const key = `${line.kind} ${line.what}`;
    const before = this.#known.get(key);
    this.#known.delete(key);
    if (line.after === null) return;
    this.#known.set(key, withoutNulls({ ...before, ...line.after }));
    const [oldest] = this.#known.keys();
    if (this.#known.size > KNOWN_MAX && oldest !== undefined) this.#known.delete(oldest);
  }

  of(kind: StateKind, what: string): AuditState | null {
    return this.#known.get(`${kind} ${what}`) ?? null;
  }

  /** Names of all states of a kind that are known. */
  named(kind: StateKind): readonly string[] {
    const prefix = `${kind} `;
    return [...this.#known.keys()].flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
  }

  /** The parts of a state that differ from the newest line, before and after; `null`: none does. `now` is `null` where the state is gone. */
  differences(kind: StateKind, what: string, now: AuditState | null): Pick<AuditFacts, "before" | "after"> | null {
    const before = this.of(kind, what);
    if (before === null) return now === null ? null : { before: null, after: now };
    if (now === null) return { before, after: null };
    const after = withoutNulls(now);
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
    if (changed.length === 0) return null;
    const some = (of: AuditState): AuditState => Object.fromEntries(changed.map((name) => [name, of[name] ?? null]));
    return { before: some(before), after: some(after) };
  }
}

function withoutNulls(state: AuditState): AuditState {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== null && value !== undefined));
}
