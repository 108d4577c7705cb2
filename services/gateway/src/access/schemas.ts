/** JSON schemas of the routes of sign-in, tokens and displays. */
import { ABOUT } from "./notices.ts";
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
  useNotice: { ...TEXT_OR_NULL, description: "What people are told before they sign in" },
  kind: { type: "string", enum: ["person", "token", null], nullable: true },
  name: TEXT_OR_NULL,
  by: { ...TEXT_OR_NULL, description: "What answers show as `by` of what this person enters" },
  roles: { type: "array", items: GRANT },
  scopes: { ...TEXTS, description: "What may be seen" },
  until: INSTANT_OR_NULL,
  password: { type: "boolean", description: "Whether who asks has a password here, which they may change" },
  secondFactor: {
    ...{ type: "string", enum: ["none", "needed", "set", null], nullable: true },
    description: "Of who asks; `needed`: nothing else is allowed before one is set; null: they cannot have one here",
  },
  notices: {
    type: "array",
    items: object({ id: TEXT, about: { type: "string", enum: ABOUT }, at: INSTANT, from: TEXT_OR_NULL }),
    description:
      "What was done with the account of who asks before they signed in, and no mail has told them; `from` null: by an administrator",
  },
});

export const SIGN_IN: Schema = object(
  { name: TEXT, password: TEXT, code: { ...TEXT, description: "Of who has a second factor" } },
  { required: ["name", "password"] },
);

export const FACTOR_OFFER: Schema = object({
  key: { ...TEXT, description: "Base32, for an app into which it is typed" },
  address: { ...TEXT, description: "`otpauth://`, for an app that scans it" },
  sealed: { ...TEXT, description: "What `POST /session/second-factor` sets" },
});

export const NEW_FACTOR: Schema = object(
  { password: TEXT, sealed: TEXT, code: TEXT, current: { ...TEXT, description: "A code of the factor until now" } },
  { required: ["password", "sealed", "code"], additionalProperties: false },
);

export const NEW_PASSWORD: Schema = object(
  { old: TEXT, new: TEXT },
  { required: ["old", "new"], additionalProperties: false },
);

export const OWN_SESSIONS: Schema = {
  type: "array",
  items: object({ id: TEXT, since: INSTANT, until: INSTANT, from: TEXT }),
};

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
const NEW_NAME: Schema = {
  ...{ type: "string", format: "user-name" },
  description: "1 to 64 letters, digits, spaces and . _ @ -, a letter or digit first",
};
const NEW_SCOPES: Schema = {
  ...{ type: "array", items: { type: "string", format: "scope-path" }, minItems: 1, maxItems: 100 },
  description: "Paths such as berlin/packing, or *",
};
const EXPIRES: Schema = { type: "string", format: "instant-to-come", nullable: true };
const CERTIFICATE: Schema = {
  ...{ type: "string", format: "certificate-digest", nullable: true },
  description: "The SHA-256 of a certificate as 64 hexadecimal digits, with colons or without",
};

export const NEW_TOKEN: Schema = object(
  { name: NEW_NAME, scopes: NEW_SCOPES, may: MAY, expires: EXPIRES, certificate: CERTIFICATE },
  { required: ["name", "scopes", "may"], additionalProperties: false },
);
export const TOKEN_MADE: Schema = object({ id: TEXT, token: { ...TEXT, description: "Shown this once" } });

export const PAIRING: Schema = object({ code: TEXT, validSeconds: { type: "integer" } });
export const PAIRING_STATE: Schema = object({
  state: { type: "string", enum: ["waiting", "paired", "over"] },
  scopes: TEXTS,
});
export const NEW_DISPLAY: Schema = object(
  { code: TEXT, name: NEW_NAME, scopes: NEW_SCOPES, expires: EXPIRES },
  { required: ["code", "name", "scopes"], additionalProperties: false },
);
