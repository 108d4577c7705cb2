/** Passwords as argon2id digests, with the parameters that OWASP names; computed beside the event loop, a few at a time. */
import { hash, verify } from "@node-rs/argon2";
import { Turnstile } from "@oee/pacing";
import { busy } from "../problems.ts";
import { isGuessable } from "./guessable.ts";
import type { UsersSecrets } from "./users-secret.ts";

/** The number by which the library names argon2id. */
const ARGON2ID = 2;
const PARAMETERS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const PASSWORD_LENGTH_MIN = 12;
export const PASSWORD_LENGTH_MAX = 128;

/** Digests are computed two at a time, so that many attempts do not take the whole machine. */
const turnstile = new Turnstile(2, 64, busy);

/**
 * The digest against which an attempt by an unknown name is checked, so that it takes as long as one by a known name.
 * Its result is ignored.
 */
const NOBODY = hash("nobody", PARAMETERS);

/** The digest of a password, made with the newest secret, if there is one, which the digest names as its `keyid`. Throws `HttpProblem` (`OEE_HTTP_BUSY`) where too many wait. */
export async function digestOfPassword(password: string, secrets: UsersSecrets | null): Promise<string> {
  if (secrets === null) return turnstile.run(() => hash(password, PARAMETERS));
  const { id, forPasswords: secret } = secrets.newest;
  const digest = await turnstile.run(() => hash(password, { ...PARAMETERS, secret }));
  return digest.replace(/^(\$argon2id\$v=\d+\$[^$]+)/, `$1,keyid=${keyOf(id)}`);
}

/** The id of the secret that a digest was made with; `null`: none. */
export function secretIdOf(digest: string): string | null {
  const [, key] = /^\$argon2id\$v=\d+\$[^$]*,keyid=([\w+/]+)\$/.exec(digest) ?? [];
  return key === undefined ? null : Buffer.from(key, "base64").toString("hex");
}

/** Whether a digest that fitted must be made anew, since it was not made with the newest secret. */
export function isToDigestAnew(digest: string, secrets: UsersSecrets | null): boolean {
  return secrets !== null && secretIdOf(digest) !== secrets.newest.id;
}

/**
 * Whether a password fits a digest; `digest` is `null` where there is no such user. None fits a digest whose secret is not
 * there. Throws `HttpProblem` (`OEE_HTTP_BUSY`) where too many wait.
 */
export async function isPassword(
  digest: string | null,
  password: string,
  secrets: UsersSecrets | null,
): Promise<boolean> {
  if (password.length > PASSWORD_LENGTH_MAX) return false;
  const id = digest === null ? null : secretIdOf(digest);
  const secret = id === null ? null : (secrets?.byId(id) ?? null);
  const isKnown = digest !== null && (id === null || secret !== null);
  const against = isKnown ? digest : await NOBODY;
  const options = secret === null ? {} : { secret: secret.forPasswords };
  const right = await turnstile.run(() => verify(against, password, options).catch(() => false));
  return right && isKnown;
}

/** The id of a secret as a digest's PHC text writes it: Base64 without padding. */
function keyOf(id: string): string {
  return Buffer.from(id, "hex").toString("base64").replaceAll("=", "");
}

/** Why a new password is refused; `null`: it is accepted. */
export async function faultOfPassword(password: string, name: string): Promise<string | null> {
  if (password.length < PASSWORD_LENGTH_MIN) return `expected at least ${PASSWORD_LENGTH_MIN} characters`;
  if (password.length > PASSWORD_LENGTH_MAX) return `expected at most ${PASSWORD_LENGTH_MAX} characters`;
  if (name.length > 3 && password.toLowerCase().includes(name.toLowerCase()))
    return "expected no part to be the user's name";
  if (new Set(password).size < 5) return "expected at least five different characters";
  return (await isGuessable(password, name))
    ? "expected one that is harder to guess: it is, or is much like, one that has leaked elsewhere and is tried first"
    : null;
}
