/**
 * The caller of a request: a person who signed in, or a machine or display that sent a token; and the part of the
 * plant that a row of `table.ts` lets this caller see.
 */
import { type Grant, includes, type Power, type Role } from "./roles.ts";
import type { Row } from "./table.ts";

export interface Person {
  readonly kind: "person";
  /** The person's identifier, a random text that never changes: events and the audit hold it in place of the name. */
  readonly id: string;
  /** The person's name, for people. */
  readonly name: string;
  readonly grants: readonly Grant[];
  /** Identifier of the session by which the request came. */
  readonly session: string;
}

export interface Token {
  readonly kind: "token";
  readonly id: string;
  /** The name that the token got when it was made, such as of its machine. */
  readonly name: string;
  readonly scopes: readonly string[];
  readonly may: readonly Power[];
}

export type Principal = Person | Token;

/** The scopes for which a caller may use the route of a row; empty: it may not use it. */
export function scopesFor(who: Principal, { role, tokens }: Pick<Row, "role" | "tokens">): readonly string[] {
  if (role === null) return ["*"];
  if (who.kind === "token") return who.may.some((power) => tokens.includes(power)) ? who.scopes : [];
  return scopesOfRole(who, role);
}

const held = new WeakMap<readonly Grant[], Map<Role, readonly string[]>>();

/** The scopes for which a person holds a role, or one that includes it. It is the same array while the person's roles do not change. */
export function scopesOfRole({ grants }: Person, role: Role): readonly string[] {
  let byRole = held.get(grants);
  if (byRole === undefined) held.set(grants, (byRole = new Map()));
  let scopes = byRole.get(role);
  if (scopes === undefined) {
    scopes = grants.filter((grant) => includes(grant.role, role)).map(({ scope }) => scope);
    byRole.set(role, scopes);
  }
  return scopes;
}
