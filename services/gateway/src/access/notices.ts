/**
 * Notices to people who sign in with a password, about what was done with their own account: another password, second
 * factor or address, a used code that was tried again. A notice is a record of the topic `oee.access` from before the change
 * until the mail server has taken it (`notice-mail.ts`), or until its person has seen it on the page to sign in.
 */
import type { AccessLog, AccessValue } from "./access-log.ts";
import { digestOf, newSecret } from "./secrets.ts";
import type { User, Users } from "./users.ts";

/** What a notice says. */
export const ABOUT = [
  "password",
  "second-factor",
  "address",
  "code-again",
  "codes-wrong",
  "guessing",
  "new-place",
] as const;
export type About = (typeof ABOUT)[number];

export interface Notice {
  readonly id: string;
  readonly person: string;
  readonly about: About;
  /** When it was done (epoch ms). */
  readonly at: number;
  /** The client's address; `null`: it was done in the users file. */
  readonly from: string | null;
  /** An e-mail address that is not the person's any more; `null`: it goes to the one of now, or is shown at the next sign-in. */
  readonly to: string | null;
}

const DAY_MS = 86_400_000;
/** A notice that nobody has taken is removed after this time. */
const KEPT_MS = 90 * DAY_MS;
const ONCE_A_DAY: ReadonlySet<About> = new Set<About>(["guessing", "codes-wrong"]);
/** Most notices of a person; of further ones the oldest are removed. */
const OF_ONE_MAX = 50;

export class Notices {
  readonly #log: AccessLog;
  readonly #users: () => Users;
  readonly #clock: () => number;
  /** By person, what this gateway's users file said when it was looked at last. */
  readonly #seen = new Map<string, string>();

  constructor(log: AccessLog, users: () => Users, clock: () => number) {
    this.#log = log;
    this.#users = users;
    this.#clock = clock;
  }

  /** Adds a notice, durable when it resolves; of what strangers can do again and again one a day. Throws `LogError`. */
  async add(person: string, about: About, from: string): Promise<void> {
    const at = this.#clock();
    const id = `${person}/${ONCE_A_DAY.has(about) ? `${about}-${Math.floor(at / DAY_MS)}` : newSecret()}`;
    const isKnown = this.#log.get("notice", id) !== undefined || this.#log.wasRemoved("notice", id);
    if (!isKnown) await this.#put(id, { about, at, from, to: null });
  }

  /** All notices, the oldest first. */
  all(): readonly Notice[] {
    return [...this.#log.all("notice")].map(([id, value]) => noticeOf(id, value)).toSorted((a, b) => a.at - b.at);
  }

  /** What a person is shown in a session that began at `since` (epoch ms): whoever changed the account in a session does not see it there. */
  of(person: string, since: number): readonly Notice[] {
    return this.all().filter((notice) => notice.person === person && notice.to === null && notice.at < since);
  }

  /** The address that a notice goes to; `null`: its person has none. */
  addressOf({ person, to }: Notice): string | null {
    if (to !== null) return to;
    return [...this.#users().values()].find(({ id }) => id === person)?.email ?? null;
  }

  /** Removes a notice that was sent or seen. Throws `LogError`. */
  async remove(id: string): Promise<void> {
    await this.#log.remove("notice", id);
  }

  /** Removes what is kept of a person: notices, and the address of which the next change would tell. Throws `LogError`. */
  async forget(person: string): Promise<void> {
    for (const { id } of this.all().filter((notice) => notice.person === person)) await this.remove(id);
    if (this.#log.get("account", person) !== undefined) await this.#log.remove("account", person);
  }

  /**
   * Compares the users file with what the topic `oee.access` says it was, and adds a notice for each password, second factor
   * and address that is another one. Only what has changed in this gateway's own file since its last look is compared: of two
   * gateways whose copies of the file are renewed one after the other, the second adds nothing. Throws `LogError`.
   */
  async look(): Promise<void> {
    for (const user of this.#users().values()) {
      const now = stateOf(user);
      const text = JSON.stringify(now);
      if (this.#seen.get(user.id) === text) continue;
      await this.#compare(user.id, now);
      this.#seen.set(user.id, text);
    }
  }

  /** Removes notices whose time is over, and all of people whom the users file does not have any more. Throws `LogError`. */
  async sweep(): Promise<void> {
    const now = this.#clock();
    for (const { id, at } of this.all()) if (now - at >= KEPT_MS) await this.remove(id);
    const ids = new Set([...this.#users().values()].map(({ id }) => id));
    // A gateway without a users file does not know who is gone.
    if (ids.size === 0) return;
    const known = new Set([...this.#log.all("account").keys(), ...this.all().map(({ person }) => person)]);
    for (const person of known) if (!ids.has(person)) await this.forget(person);
  }

  async #compare(person: string, now: State): Promise<void> {
    const before = this.#log.get("account", person);
    const changed = before === undefined ? [] : PARTS.filter(([part]) => (before[part] ?? null) !== now[part]);
    if (before !== undefined && changed.length === 0) return;
    const rev = Number(before?.["rev"] ?? 0) + 1;
    const at = this.#clock();
    // The notices are there before the file counts as told. Their ids follow from the revision: two gateways make the same.
    for (const [part, about] of changed) {
      const former = part === "email" ? before?.["email"] : null;
      if (typeof former === "string") await this.#put(`${person}/${rev}-former`, { about, at, from: null, to: former });
      await this.#put(`${person}/${rev}-${about}`, { about, at, from: null, to: null });
    }
    await this.#log.put("account", person, { rev, ...now });
  }

  async #put(id: string, value: AccessValue): Promise<void> {
    const own = this.all().filter(({ person }) => person === personOf(id));
    for (const { id: old } of own.slice(0, Math.max(0, own.length + 1 - OF_ONE_MAX))) await this.remove(old);
    await this.#log.put("notice", id, value);
  }
}

interface State {
  readonly password: string;
  readonly secondFactor: string;
  readonly email: string | null;
}

const PARTS: readonly (readonly [keyof State, About])[] = [
  ["password", "password"],
  ["secondFactor", "second-factor"],
  ["email", "address"],
];

const states = new WeakMap<User, State>();

/** What the users file has of a person; of password and second factor digests. */
function stateOf(user: User): State {
  const known = states.get(user);
  if (known !== undefined) return known;
  const { password, secondFactor = "", email = null } = user;
  const state = { password: digestOf(password), secondFactor: digestOf(secondFactor), email };
  states.set(user, state);
  return state;
}

function personOf(id: string): string {
  return id.slice(0, id.lastIndexOf("/"));
}

function noticeOf(id: string, value: AccessValue): Notice {
  const { about, at, from, to } = value as Omit<Notice, "id" | "person">;
  return { id, person: personOf(id), about, at, from, to };
}
