/** Reads what administrators send: names, scopes, instants. Each throws `HttpProblem` with what was found and expected. */
import { parseInstant } from "@oee/model";
import { HttpProblem } from "../problems.ts";
import { isPower, isScopePath, type Power } from "./roles.ts";
import { isUserName } from "./users.ts";

type Given = Readonly<Record<string, unknown>>;

const LIST_MAX = 100;

/** Throws where there is a field that is not among `names`. */
export function onlyFields(given: Given, names: readonly string[]): void {
  const other = Object.keys(given).find((name) => !names.includes(name));
  if (other !== undefined) throw invalid(other.slice(0, 40), "a field", `one of ${names.join(", ")}`);
}

export function nameIn(given: Given, field = "name"): string {
  const value = given[field];
  if (isUserName(value)) return value;
  throw invalid(field, shown(value), "1 to 64 letters, digits, spaces and . _ @ -, a letter or digit first");
}

export function scopesIn(given: Given): readonly string[] {
  const { scopes } = given;
  if (Array.isArray(scopes) && scopes.length > 0 && scopes.length <= LIST_MAX && scopes.every(isScopePath))
    return scopes;
  throw invalid("scopes", shown(scopes), `1 to ${LIST_MAX} paths such as berlin/packing, or *`);
}

export function powersIn(given: Given): readonly Power[] {
  const { may } = given;
  if (Array.isArray(may) && may.length > 0 && may.every(isPower)) return [...new Set(may)];
  throw invalid("may", shown(may), "events:write, wall, read, or several of them");
}

/** The instant at which a token expires (epoch ms); `null`: never. */
export function expiryIn(given: Given, now: number): number | null {
  const { expires } = given;
  if (expires === undefined || expires === null) return null;
  const instant = typeof expires === "string" ? parseInstant(expires) : null;
  if (instant !== null && instant > now) return instant;
  throw invalid("expires", shown(expires), "an instant to come such as 2027-01-01T00:00:00Z, or null");
}

/** The SHA-256 of a certificate as hexadecimal digits, given with colons or without; `null`: none is given. */
export function fingerprintIn(given: Given): string | null {
  const { certificate } = given;
  if (certificate === undefined || certificate === null) return null;
  const plain = typeof certificate === "string" ? certificate.replaceAll(":", "").toLowerCase() : "";
  if (/^[0-9a-f]{64}$/.test(plain)) return plain;
  throw invalid("certificate", shown(certificate), "the SHA-256 of a certificate as 64 hexadecimal digits");
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80);
}

function invalid(field: string, found: string, expected: string): HttpProblem {
  return new HttpProblem("OEE_HTTP_INVALID_BODY", `${field}: found ${found}, expected ${expected}`);
}
