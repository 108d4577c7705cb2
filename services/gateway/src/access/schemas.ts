/** JSON schemas of the routes of sign-in, tokens and displays. */
import { POWERS, ROLES } from "./roles.ts";

type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: "string" };
const TEXTS: Schema = { type: "array", items: TEXT };
const TEXT_OR_NULL: Schema = { type: "string", nullable: true };
const INSTANT: Schema = { type: "string", format: "date-time" };
const INSTANT_OR_NULL: Schema = { ...INSTANT, nullable: true };
const object = (properties: Schema, more: Schema = {}): Schema => ({ type: "object", properties, ...more });

const GRANT: Schema = object({ role: { type: "string", enum: ROLES }, scope: TEXT });

export const SESSION: Schema = object({
  signIn: { type: "boolean", description: "Whether people sign in at all" },
  passwords: { type: "boolean", description: "Whether some do with a password of their own" },
  provider: { type: "boolean", description: "Whether they do at a provider, by `/sign-in/provider`" },
  kind: { type: "string", enum: ["person", "token", null], nullable: true },
  name: TEXT_OR_NULL,
  roles: { type: "array", items: GRANT },
  scopes: { ...TEXTS, description: "What may be seen" },
  until: INSTANT_OR_NULL,
});

export const SIGN_IN: Schema = object({ name: TEXT, password: TEXT }, { required: ["name", "password"] });

export const SIGNED_OUT: Schema = object({
  signedOut: { type: "boolean" },
  leave: { type: "string", nullable: true, description: "Where to sign out at the provider too" },
});

export const SESSIONS: Schema = {
  type: "array",
  items: object({ id: TEXT, person: TEXT, name: TEXT, since: INSTANT, until: INSTANT, from: TEXT }),
};

export const PEOPLE: Schema = { type: "array", items: object({ id: TEXT, name: TEXT, seen: INSTANT }) };
export const ENDED: Schema = object({ ended: { type: "integer" } });
export const DONE: Schema = object({ done: { type: "boolean" } });

const MAY: Schema = { type: "array", items: { type: "string", enum: POWERS }, minItems: 1 };
export const TOKENS: Schema = {
  type: "array",
  items: object({
    id: TEXT,
    name: TEXT,
    scopes: TEXTS,
    may: MAY,
    made: INSTANT,
    by: TEXT,
    expires: INSTANT_OR_NULL,
    lastUse: INSTANT_OR_NULL,
    certificate: TEXT_OR_NULL,
  }),
};
export const NEW_TOKEN: Schema = object(
  { name: TEXT, scopes: TEXTS, may: MAY, expires: INSTANT_OR_NULL, certificate: TEXT_OR_NULL },
  { required: ["name", "scopes", "may"] },
);
export const TOKEN_MADE: Schema = object({ id: TEXT, token: { ...TEXT, description: "Shown this once" } });

export const PAIRING: Schema = object({ code: TEXT, validSeconds: { type: "integer" } });
export const PAIRING_STATE: Schema = object({
  state: { type: "string", enum: ["waiting", "paired", "over"] },
  scopes: TEXTS,
});
export const NEW_DISPLAY: Schema = object(
  { code: TEXT, name: TEXT, scopes: TEXTS, expires: INSTANT_OR_NULL },
  { required: ["code", "name", "scopes"] },
);
