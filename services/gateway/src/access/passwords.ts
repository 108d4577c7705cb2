/** Passwords as argon2id digests, with the parameters that OWASP names; computed beside the event loop, a few at a time. */
import { hash, verify } from "@node-rs/argon2";
import { Turnstile } from "@oee/pacing";
import { busy } from "../problems.ts";
import { isGuessable } from "./guessable.ts";

/** The library's number of argon2id. */
const ARGON2ID = 2;
const PARAMETERS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const PASSWORD_LENGTH_MIN = 12;
export const PASSWORD_LENGTH_MAX = 128;

/** Two at a time, so that many attempts leave the machine to others. */
const turnstile = new Turnstile(2, 64, busy);

/**
 * The digest that an attempt by an unknown name is checked against, so that it takes as long as one by a known name.
 * No password fits it.
 */
const NOBODY = hash("nobody", PARAMETERS);

/** Throws `HttpProblem` (`OEE_HTTP_BUSY`) where too many wait. */
export function digestOfPassword(password: string): Promise<string> {
  return turnstile.run(() => hash(password, PARAMETERS));
}

/** `digest` is `null` where there is no such user. Throws `HttpProblem` (`OEE_HTTP_BUSY`) where too many wait. */
export async function isPassword(digest: string | null, password: string): Promise<boolean> {
  if (password.length > PASSWORD_LENGTH_MAX) return false;
  const against = digest ?? (await NOBODY);
  const right = await turnstile.run(() => verify(against, password).catch(() => false));
  return right && digest !== null;
}

/** What is wrong with a new password; `null`: nothing. */
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
