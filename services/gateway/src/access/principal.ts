/** Whoever asks: a person who signed in, or a machine or display by its token; and what of the plant a row leaves to them. */
import { type Grant, includes, type Power, type Role } from "./roles.ts";
import type { Row } from "./table.ts";

export interface Person {
  readonly kind: "person";
  /** Identifies the person for ever and says nothing of them: what events and the audit hold. */
  readonly id: string;
  /** As people know it. */
  readonly name: string;
  readonly grants: readonly Grant[];
  /** Of the session that they asked with. */
  readonly session: string;
}

export interface Token {
  readonly kind: "token";
  readonly id: string;
  /** What it was made for. */
  readonly name: string;
  readonly scopes: readonly string[];
  readonly may: readonly Power[];
}

export type Principal = Person | Token;

/** The scopes for which somebody may do what a row says; empty: they may not. */
export function scopesFor(who: Principal, { role, tokens }: Pick<Row, "role" | "tokens">): readonly string[] {
  if (role === null) return ["*"];
  if (who.kind === "token") return who.may.some((power) => tokens.includes(power)) ? who.scopes : [];
  return scopesOfRole(who, role);
}

/** The scopes for which a person holds a role, or one that includes it. */
export function scopesOfRole(who: Person, role: Role): readonly string[] {
  return who.grants.filter((grant) => includes(grant.role, role)).map(({ scope }) => scope);
}
