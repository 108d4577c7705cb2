/**
 * The users file: who may sign in with a password, and which roles they hold. JSON that `oee user` writes; a gateway
 * reads it again when it has changed.
 */
import { createHash, randomBytes } from "node:crypto";
import { secretIdOf } from "./passwords.ts";
import { type Grant, grantOf, textOfGrant } from "./roles.ts";
import type { UsersSecrets } from "./users-secret.ts";

export interface User {
  /** The person's identifier, a random text by which events and the audit name the person. */
  readonly id: string;
  readonly name: string;
  /** The argon2id digest of the password. */
  readonly password: string;
  /** Digests of the former digests of the same password, made before it was digested with another secret: sessions that began with these go on. */
  readonly formerly?: readonly string[];
  /** The key of their second factor, sealed; or that they have none any more (`second-factors.ts`). */
  readonly secondFactor?: string;
  /** The e-mail address to which notices about their account go. */
  readonly email?: string;
  readonly grants: readonly Grant[];
}

/** Users by name. */
export type Users = ReadonlyMap<string, User>;

/** Identifiers of people have this shape; where an answer holds one, the person's name is put in its place. */
export const PERSON_ID: RegExp = /person-[0-9a-f]{24}/g;

export function newPersonId(): string {
  return `person-${randomBytes(12).toString("hex")}`;
}

/** The form of a second factor as `second-factors.ts` makes it. */
const SECOND_FACTOR = /^(?:[0-9a-f]{12}\.[0-9a-f]{12}:[\w-]+|reset-[0-9a-f]{12})$/;

/** Names of users have characters alone that need no escape in tables and CSV. */
const USER_NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,63}$/u;

export function isUserName(name: unknown): name is string {
  return typeof name === "string" && USER_NAME.test(name);
}

/** An e-mail address of one receiver. */
const EMAIL = /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}@[\p{L}\p{N}.-]{1,190}$/u;

export function isEmail(text: unknown): text is string {
  return typeof text === "string" && EMAIL.test(text);
}

/** The users of the file's text. Throws an `Error` that says what was found and what was expected. */
export function readUsers(text: string): Users {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("expected JSON as `oee user` writes it");
  }
  const list = isObject(value) ? value["users"] : undefined;
  if (!Array.isArray(list)) throw new Error("expected an object with the list users");
  const users = new Map<string, User>();
  for (const [i, one] of list.entries()) {
    const user = userIn(one);
    if (user === null) {
      throw new Error(
        `users[${i}]: expected id, name, password (argon2id) and roles such as supervisor@berlin/packing`,
      );
    }
    if (users.has(user.name)) throw new Error(`users[${i}]: the name ${JSON.stringify(user.name)} is there twice`);
    users.set(user.name, user);
  }
  return users;
}

/** Throws an `Error` where a password or second factor was made with a secret that is not there: its user could not sign in. */
export function checkSecrets(users: Users, secrets: UsersSecrets | null): void {
  for (const { name, password, secondFactor } of users.values()) {
    const [, sealedWith = null] = /\.([0-9a-f]+):/.exec(secondFactor ?? "") ?? [];
    for (const [what, id] of [
      ["password", secretIdOf(password)],
      ["second factor", sealedWith],
    ] as const) {
      if (id === null || (secrets?.byId(id) ?? null) !== null) continue;
      throw new Error(`${name}: expected --users-secret with the secret ${id}, with which the ${what} was made`);
    }
  }
}

/** Who wrote the file last: the name of their account, and the machine. */
export interface UsersWritten {
  readonly by: string;
  readonly on: string;
}

export function writeUsers(users: Users, { by, on }: UsersWritten): string {
  const list = listOf(users);
  return `${JSON.stringify({ users: list, written: { by, on, sha256: digestOfList(list) } }, null, 2)}\n`;
}

/** Who wrote the file's text by `oee user`; `null`: it was written, or changed since, by other means. `readUsers` must accept the text. */
export function whoWroteUsers(text: string): UsersWritten | null {
  const value = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const written = value["written"];
  if (!isObject(written)) return null;
  const { by, on, sha256 } = written;
  if (typeof by !== "string" || typeof on !== "string" || sha256 !== digestOfList(value["users"])) return null;
  return { by: by.slice(0, 100), on: on.slice(0, 300) };
}

function listOf(users: Users): readonly object[] {
  return [...users.values()].map(({ id, name, password, grants, secondFactor, email }) => ({
    ...{ id, name, password, ...(secondFactor === undefined ? {} : { secondFactor }) },
    ...(email === undefined ? {} : { email }),
    roles: grants.map(textOfGrant),
  }));
}

function digestOfList(list: unknown): string {
  return createHash("sha256").update(JSON.stringify(list)).digest("hex");
}

function userIn(value: unknown): User | null {
  if (!isObject(value)) return null;
  const { id, name, password, roles, secondFactor, email } = value;
  if (secondFactor !== undefined && (typeof secondFactor !== "string" || !SECOND_FACTOR.test(secondFactor)))
    return null;
  if (email !== undefined && !isEmail(email)) return null;
  if (typeof id !== "string" || !/^person-[0-9a-f]{24}$/.test(id) || !isUserName(name)) return null;
  if (typeof password !== "string" || !password.startsWith("$argon2id$") || !Array.isArray(roles)) return null;
  const grants = roles.map((role) => (typeof role === "string" ? grantOf(role) : null));
  if (grants.includes(null)) return null;
  const factor = secondFactor === undefined ? {} : { secondFactor };
  const address = email === undefined ? {} : { email };
  return { id, name, password, grants: grants.flatMap((grant) => grant ?? []), ...factor, ...address };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
