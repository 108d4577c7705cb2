/**
 * Passwords that people changed themselves, as digests on the topic `oee.access`, which every gateway reads; the users
 * file may be read-only or one of several copies. Such a digest counts in place of the file's as long as the file has
 * the password that it replaced: once `oee user password` sets another one, the file's counts again.
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

  /** A user with the password that counts; the same object while nothing has changed. */
  user(name: string): User | undefined {
    const user = this.#users().get(name);
    if (user === undefined) return undefined;
    const record = this.#log.get("password", user.id);
    const known = this.#known.get(user);
    if (known !== undefined && known.record === record) return known.user;
    const own = record?.["replaces"] === digestOf(user.password) ? record["password"] : null;
    const counts = typeof own === "string" ? { ...user, password: own } : user;
    this.#known.set(user, { record, user: counts });
    return counts;
  }

  /** `password`: argon2id. Durable when it resolves. Throws `LogError`. */
  async set(name: string, password: string): Promise<void> {
    const user = this.#users().get(name);
    if (user === undefined) throw new Error(`${name} is no user any more`);
    await this.#log.put("password", user.id, { password, replaces: digestOf(user.password) });
  }

  /** Forgets those of people whom the users file does not have any more. */
  async sweep(): Promise<void> {
    const ids = new Set([...this.#users().values()].map(({ id }) => id));
    // A gateway without a users file cannot compare.
    if (ids.size === 0) return;
    for (const id of [...this.#log.all("password").keys()]) if (!ids.has(id)) await this.#log.remove("password", id);
  }
}
