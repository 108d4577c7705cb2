/**
 * Sessions of people who signed in. The browser has a random secret in a cookie, the topic `oee.access` its digest.
 * Each sign-in makes a new session and ends the one whose cookie came with it. A session that its person or an
 * administrator ends is ended on every gateway within a second.
 */
import type { AccessLog, AccessValue } from "./access-log.ts";
import type { Person } from "./principal.ts";
import { type Grant, grantOf, textOfGrant } from "./roles.ts";
import { digestOf, KnownDigests, newSecret } from "./secrets.ts";
import { idOfFactor } from "./second-factors.ts";
import type { User } from "./users.ts";

/** Most sessions of one person; a further one ends the oldest. */
const SESSIONS_OF_ONE_MAX = 20;

/** The roles of a person who must set a second factor first. */
const NOTHING: readonly Grant[] = [];

/** How many times within the idle time a gateway writes to the topic that a person made requests, while the person makes some. */
const ACTIVITY_WRITES_PER_IDLE_TIME = 10;

export interface NewSession {
  readonly person: string;
  readonly name: string;
  /** Roles of the session; `null`: those that the users file has for the person at each request. */
  readonly grants: readonly Grant[] | null;
  readonly from: string;
  /** Of a sign-in at a provider: the provider's id of the session, and the token by which one signs out there. */
  readonly provider?: { readonly sid: string | null; readonly idToken: string };
  /** The instant of the sign-in (epoch ms), where the session goes on another one in its place; default now. */
  readonly signedIn?: number;
}

export interface SessionShown {
  readonly id: string;
  readonly person: string;
  readonly name: string;
  readonly since: number;
  readonly until: number;
  readonly from: string;
}

export class Sessions {
  readonly #log: AccessLog;
  readonly #userOf: (name: string) => User | undefined;
  readonly #isLacking: (user: User) => boolean;
  readonly #clock: () => number;
  readonly #lastsMs: number;
  readonly #idleMs: number | null;
  /** By session, when its person last made a request to this gateway (epoch ms). */
  readonly #activeAt = new Map<string, number>();
  /** Sessions whose activity is being written to the topic. */
  readonly #activityInWriting = new Set<string>();
  readonly #grants = new WeakMap<AccessValue, readonly Grant[]>();
  readonly #passwords = new WeakMap<User, string>();
  readonly #digests = new KnownDigests();

  /**
   * `userOf` gives a user of the users file with the password and second factor that count. `isLacking` says whether a person
   * must set a second factor before anything else. A session ends `lastsMs` after the sign-in, and `idleMs` after the last
   * request of its person; `null`: idling does not end it.
   */
  constructor(
    log: AccessLog,
    userOf: (name: string) => User | undefined,
    isLacking: (user: User) => boolean,
    clock: () => number,
    lastsMs: number,
    idleMs: number | null,
  ) {
    this.#idleMs = idleMs;
    this.#log = log;
    this.#userOf = userOf;
    this.#isLacking = isLacking;
    this.#clock = clock;
    this.#lastsMs = lastsMs;
  }

  get lastsSeconds(): number {
    return Math.floor(this.#lastsMs / 1_000);
  }

  /** Begins a session and returns its secret; durable when it resolves. Throws `LogError`. */
  async begin({ person, name, grants, from, provider, signedIn }: NewSession): Promise<{ secret: string; id: string }> {
    const secret = newSecret();
    const id = digestOf(secret);
    const since = this.#clock();
    const own = this.of(person);
    for (const { id: old } of own.slice(0, Math.max(0, own.length + 1 - SESSIONS_OF_ONE_MAX))) await this.end(old);
    const user = grants === null ? this.#userOf(name) : undefined;
    await this.#log.put("session", id, {
      person,
      name,
      ...(user === undefined ? {} : { password: this.#passwordOf(user), factor: factorOf(user) }),
      grants: grants === null ? null : grants.map(textOfGrant),
      from,
      since,
      until: since + this.#lastsMs,
      ...(signedIn === undefined ? {} : { signedIn }),
      ...(provider === undefined ? {} : { sid: provider.sid, idToken: provider.idToken }),
    });
    return { secret, id };
  }

  /** The person whose session a secret belongs to; `null`: there is no such session, or it has ended. */
  personOf(secret: string): Person | null {
    const id = this.#digests.of(secret);
    const person = this.personIn(id);
    if (person !== null) this.#digests.keep(secret, id);
    return person;
  }

  /** The person of a session, by its identifier; `null`: the session has ended. */
  personIn(id: string): Person | null {
    const session = this.#log.get("session", id);
    if (session === undefined || this.#endOf(id, session) <= this.#clock()) return null;
    const name = String(session["name"]);
    const person = String(session["person"]);
    const ended = this.#log.get("ended", person);
    if (ended !== undefined && Number(ended["before"]) >= Number(session["since"])) return null;
    const grants = this.#grantsOf(session, name, person);
    return grants === null ? null : { kind: "person", id: person, name, grants, session: id };
  }

  /** When a session ends (epoch ms). */
  untilOf(id: string): number | null {
    const session = this.#log.get("session", id);
    return session === undefined ? null : Number(session["until"]);
  }

  /** When the person of a session signed in (epoch ms): before its beginning where it goes on another one. */
  signedInAt(id: string): number {
    const session = this.#log.get("session", id);
    return Number(session?.["signedIn"] ?? session?.["since"] ?? 0);
  }

  /** Notes that the person of a session made a request, so that its idle time begins anew; written for the other gateways now and then. */
  noteActive(id: string): void {
    if (this.#idleMs === null || this.#log.readOnly) return;
    const now = this.#clock();
    this.#activeAt.set(id, now);
    const writtenAt = Number(this.#log.get("active", id)?.["at"] ?? this.#log.get("session", id)?.["since"] ?? now);
    if (now - writtenAt < this.#idleMs / ACTIVITY_WRITES_PER_IDLE_TIME || this.#activityInWriting.has(id)) return;
    this.#activityInWriting.add(id);
    // A write that fails is repeated with the next request.
    void this.#log
      .put("active", id, { at: now })
      .catch(() => undefined)
      .finally(() => this.#activityInWriting.delete(id));
  }

  /** The ID token of a session, by which one signs out at the provider. */
  idTokenOf(id: string): string | null {
    const token = this.#log.get("session", id)?.["idToken"];
    return typeof token === "string" ? token : null;
  }

  async end(id: string): Promise<void> {
    this.#activeAt.delete(id);
    await this.#log.remove("session", id);
    if (this.#log.get("active", id) !== undefined) await this.#log.remove("active", id);
  }

  /** Ends all sessions of a person that have begun until now; returns how many. */
  async endAllOf(person: string): Promise<number> {
    const own = this.of(person);
    // This record also ends sessions that other gateways began and this one has not read yet.
    await this.#log.put("ended", person, { before: this.#clock() });
    for (const { id } of own) await this.end(id);
    return own.length;
  }

  /** Ends the sessions with a provider's session id, or those of a person of the provider; returns how many. */
  async endOfProvider(sid: string | null, person: string | null): Promise<number> {
    const ends = [...this.#log.all("session")].filter(([, session]) =>
      sid === null ? session["person"] === person && session["idToken"] !== undefined : session["sid"] === sid,
    );
    for (const [id] of ends) await this.end(id);
    return ends.length;
  }

  /** The sessions that have not ended, in order of their beginning. */
  open(): readonly SessionShown[] {
    const now = this.#clock();
    return this.all().filter(({ id }) => {
      const session = this.#log.get("session", id);
      return session !== undefined && this.#endOf(id, session) > now;
    });
  }

  /** The sessions of a person, also ended ones that are not swept yet. */
  of(person: string): readonly SessionShown[] {
    return this.all().filter((session) => session.person === person);
  }

  /** Whether a session began with a password of the users file. */
  isByPassword(id: string): boolean {
    return this.#log.get("session", id)?.["grants"] === null;
  }

  /** All sessions, also ended ones that are not swept yet, in order of their beginning. */
  all(): readonly SessionShown[] {
    return [...this.#log.all("session")]
      .map(([id, { person, name, since, until, from }]) => ({
        id,
        person: String(person),
        name: String(name),
        since: Number(since),
        until: Number(until),
        from: String(from),
      }))
      .toSorted((a, b) => a.since - b.since);
  }

  /** Removes ended sessions from the topic. */
  async sweep(): Promise<void> {
    const now = this.#clock();
    for (const [id, session] of [...this.#log.all("session")]) if (this.#endOf(id, session) <= now) await this.end(id);
    const isKnown = (id: string): boolean => this.#log.get("session", id) !== undefined;
    for (const id of this.#activeAt.keys()) if (!isKnown(id)) this.#activeAt.delete(id);
    // A note of activity that was written while another gateway ended the session.
    for (const id of [...this.#log.all("active").keys()]) if (!isKnown(id)) await this.#log.remove("active", id);
  }

  #lastActive(id: string): number {
    const at = this.#log.get("active", id)?.["at"] ?? this.#log.get("session", id)?.["since"];
    return Math.max(Number(at ?? 0), this.#activeAt.get(id) ?? 0);
  }

  #endOf(id: string, session: AccessValue): number {
    const until = Number(session["until"]);
    return this.#idleMs === null ? until : Math.min(until, this.#lastActive(id) + this.#idleMs);
  }

  #grantsOf(session: AccessValue, name: string, person: string): readonly Grant[] | null {
    if (session["grants"] === null) {
      const user = this.#userOf(name);
      if (user === undefined || user.id !== person) return null;
      // A session ends when its person's password or second factor is another than the one that it began with.
      const { password } = session;
      if ((session["factor"] ?? null) !== factorOf(user)) return null;
      const isOfNow = password === this.#passwordOf(user) || user.formerly?.includes(String(password)) === true;
      if (password !== undefined && !isOfNow) return null;
      return this.#isLacking(user) ? NOTHING : user.grants;
    }
    let grants = this.#grants.get(session);
    if (grants === undefined) {
      const texts = Array.isArray(session["grants"]) ? session["grants"] : [];
      grants = texts.flatMap((text) => grantOf(String(text)) ?? []);
      this.#grants.set(session, grants);
    }
    return grants;
  }

  /** A digest by which a session recognises the password that it began with; the password cannot be found from it. */
  #passwordOf(user: User): string {
    let digest = this.#passwords.get(user);
    if (digest === undefined) this.#passwords.set(user, (digest = digestOf(user.password)));
    return digest;
  }
}

/** Names the second factor of a person; `null`: they have none. */
function factorOf({ secondFactor }: User): string | null {
  return secondFactor === undefined ? null : idOfFactor(secondFactor);
}
