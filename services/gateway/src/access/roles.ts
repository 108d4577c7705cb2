/**
 * The roles of people, each held for a scope and all scopes below it, and the permissions of machine tokens. A role
 * includes those before it in the list.
 */

export const ROLES = ["viewer", "operator", "supervisor", "engineer", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** What a token may do: send events, show a wall, read all that a viewer reads. */
export const POWERS = ["events:write", "wall", "read"] as const;
export type Power = (typeof POWERS)[number];

/** A role that a person holds for a scope (`*` is the whole plant) and all below it. */
export interface Grant {
  readonly role: Role;
  readonly scope: string;
}

export function includes(held: Role, needed: Role): boolean {
  return ROLES.indexOf(held) >= ROLES.indexOf(needed);
}

/** The grant of a text such as `supervisor@berlin/packing`; a role alone is held for `*`. `null`: the text is no grant. */
export function grantOf(text: string): Grant | null {
  const at = text.indexOf("@");
  const role = at < 0 ? text : text.slice(0, at);
  const scope = at < 0 ? "*" : text.slice(at + 1);
  return isRole(role) && isScopePath(scope) ? { role, scope } : null;
}

export function isRole(text: unknown): text is Role {
  return ROLES.some((role) => role === text);
}

export function isPower(text: unknown): text is Power {
  return POWERS.some((power) => power === text);
}

/** Whether a text can be the path of a scope, whichever the plant has. */
export function isScopePath(text: unknown): text is string {
  return typeof text === "string" && text.length <= 1_024 && /^(?:\*|[^/*\s][^/*]*(?:\/[^/*]+)*)$/.test(text);
}

export function textOfGrant({ role, scope }: Grant): string {
  return `${role}@${scope}`;
}

/**
 * Roles by group, as the settings have them: `{ "packing-leads": "supervisor@berlin/packing", admins: ["admin"] }`. Throws an
 * `Error` that says what was found and what was expected.
 */
export function rolesOfGroups(value: unknown): ReadonlyMap<string, readonly Grant[]> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error("expected groups with their roles");
  return new Map(
    Object.entries(value).map(([group, roles]) => {
      const grants = [roles as unknown].flat().map((role) => {
        const grant = typeof role === "string" ? grantOf(role) : null;
        if (grant === null)
          throw new Error(`${group}: found ${JSON.stringify(role)}, expected a role such as supervisor@berlin/packing`);
        return grant;
      });
      return [group, grants];
    }),
  );
}
