/**
 * Passwords that people changed themselves, as digests on the topic `oee.access`, which every gateway reads; the users
 * file may be read-only or one of several copies. Such a digest counts in place of the file's as long as the file has
 * the password that it replaced: once `oee user password` sets another one, the file's counts again. Digests that were made
 * anew with the secret of the installation (`users-secret.ts`) are kept in the same way.
 */
import type { AccessLog } from "./access-log.ts";
import { digestOf } from "./secrets.ts";
import type { User, Users } from "./users.ts";

interface Known {
  readonly record: object | undefined;
  readonly user: User;
}

export class OwnPasswords {
  readonly #log: AccessLog;
  readonly #users: () => Users;
  readonly #known = new WeakMap<User, Known>();

  constructor(log: AccessLog, users: () => Users) {
    this.#log = log;
    this.#users = users;
  }

  /** A user of the file with the password that counts now; the same object while nothing has changed. */
  user(name: string): User | undefined {
    const user = this.#users().get(name);
    if (user === undefined) return undefined;
    const record = this.#log.get("password", user.id);
    const known = this.#known.get(user);
    if (known !== undefined && known.record === record) return known.user;
    const own = record?.["replaces"] === digestOf(user.password) ? record["password"] : null;
    const formerly = Array.isArray(record?.["formerly"]) ? record["formerly"].map(String) : [];
    const counts = typeof own === "string" ? { ...user, password: own, formerly } : user;
    this.#known.set(user, { record, user: counts });
    return counts;
  }

  /** Sets a new password by its argon2id digest. Durable when it resolves. Throws `LogError`. */
  async set(name: string, digest: string): Promise<void> {
    await this.#put(name, digest, []);
  }

  /** Replaces the digest of the present password by another one of it. Durable when it resolves. Throws `LogError`. */
  async redigest(name: string, digest: string): Promise<void> {
    const { password, formerly = [] } = this.#known.get(this.#inFile(name))?.user ?? this.#inFile(name);
    await this.#put(name, digest, [...formerly, digestOf(password)]);
  }

  async #put(name: string, password: string, formerly: readonly string[]): Promise<void> {
    const { id, password: inFile } = this.#inFile(name);
    await this.#log.put("password", id, { password, replaces: digestOf(inFile), formerly });
  }

  #inFile(name: string): User {
    const user = this.#users().get(name);
    if (user === undefined) throw new Error(`${name} is no user any more`);
    return user;
  }

  /** Removes the passwords of people whom the users file does not have any more. */
  async sweep(): Promise<void> {
    const ids = new Set([...this.#users().values()].map(({ id }) => id));
    // A gateway without a users file cannot tell who is gone.
    if (ids.size === 0) return;
    for (const id of [...this.#log.all("password").keys()]) if (!ids.has(id)) await this.#log.remove("password", id);
  }
}
