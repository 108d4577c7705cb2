/**
 * Sessions of people who signed in. The browser has a random secret in a cookie, the topic `oee.access` its digest; each sign-in
 * makes a new one and ends the one that it was asked with. One that is ended, by its person or by an administrator, is so on
 * every gateway.
 */
import type { AccessLog, AccessValue } from "./access-log.ts";
import type { Person } from "./principal.ts";
import { type Grant, grantOf, textOfGrant } from "./roles.ts";
import { digestOf, newSecret } from "./secrets.ts";
import type { Users } from "./users.ts";

/** Of one person; the oldest is ended for a further one. */
const SESSIONS_OF_ONE_MAX = 20;

export interface NewSession {
  readonly person: string;
  readonly name: string;
  /** `null`: those of the users file, as it is whenever they are asked for. */
  readonly grants: readonly Grant[] | null;
  readonly from: string;
  /** Of a provider: what it calls the session, and the token that signs out there. */
  readonly provider?: { readonly sid: string | null; readonly idToken: string };
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
  readonly #users: () => Users;
  readonly #clock: () => number;
  readonly #lastsMs: number;
  readonly #grants = new WeakMap<AccessValue, readonly Grant[]>();

  constructor(log: AccessLog, users: () => Users, clock: () => number, lastsMs: number) {
    this.#log = log;
    this.#users = users;
    this.#clock = clock;
    this.#lastsMs = lastsMs;
  }

  get lastsSeconds(): number {
    return Math.floor(this.#lastsMs / 1_000);
  }

  /** The secret of a new session; durable when it resolves. Throws `LogError`. */
  async begin({ person, name, grants, from, provider }: NewSession): Promise<{ secret: string; id: string }> {
    const secret = newSecret();
    const id = digestOf(secret);
    const since = this.#clock();
    const own = this.all().filter((session) => session.person === person);
    for (const { id: old } of own.slice(0, Math.max(0, own.length + 1 - SESSIONS_OF_ONE_MAX))) await this.end(old);
    await this.#log.put("session", id, {
      person,
      name,
      grants: grants === null ? null : grants.map(textOfGrant),
      from,
      since,
      until: since + this.#lastsMs,
      ...(provider === undefined ? {} : { sid: provider.sid, idToken: provider.idToken }),
    });
    return { secret, id };
  }

  /** Who a secret is of; `null`: nobody, any more. */
  personOf(secret: string): Person | null {
    return this.personIn(digestOf(secret));
  }

  /** Who a session is of, by its identifier; `null`: it is over. */
  personIn(id: string): Person | null {
    const session = this.#log.get("session", id);
    if (session === undefined || Number(session["until"]) <= this.#clock()) return null;
    const name = String(session["name"]);
    const person = String(session["person"]);
    const ended = this.#log.get("ended", person);
    if (ended !== undefined && Number(ended["before"]) >= Number(session["since"])) return null;
    const grants = this.#grantsOf(session, name, person);
    return grants === null ? null : { kind: "person", id: person, name, grants, session: id };
  }

  /** When it is over (epoch ms). */
  untilOf(id: string): number | null {
    const session = this.#log.get("session", id);
    return session === undefined ? null : Number(session["until"]);
  }

  /** What the provider gave with a session, to sign out there. */
  idTokenOf(id: string): string | null {
    const token = this.#log.get("session", id)?.["idToken"];
    return typeof token === "string" ? token : null;
  }

  async end(id: string): Promise<void> {
    await this.#log.remove("session", id);
  }

  /** Ends all of a person that have begun until now. */
  async endAllOf(person: string): Promise<number> {
    const own = this.all().filter((session) => session.person === person);
    // Also those that this gateway has not read yet.
    await this.#log.put("ended", person, { before: this.#clock() });
    for (const { id } of own) await this.end(id);
    return own.length;
  }

  /** Ends those that a provider calls by this name, or that are of a person of it. */
  async endOfProvider(sid: string | null, person: string | null): Promise<number> {
    const ends = [...this.#log.all("session")].filter(([, session]) =>
      sid === null ? session["person"] === person && session["idToken"] !== undefined : session["sid"] === sid,
    );
    for (const [id] of ends) await this.end(id);
    return ends.length;
  }

  /** In order of their beginning. */
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

  /** Takes those that are over out of the topic. */
  async sweep(): Promise<void> {
    const now = this.#clock();
    for (const { id, until } of this.all()) if (until <= now) await this.end(id);
  }

  #grantsOf(session: AccessValue, name: string, person: string): readonly Grant[] | null {
    if (session["grants"] === null) {
      const user = this.#users().get(name);
      return user !== undefined && user.id === person ? user.grants : null;
    }
    let grants = this.#grants.get(session);
    if (grants === undefined) {
      const texts = Array.isArray(session["grants"]) ? session["grants"] : [];
      grants = texts.flatMap((text) => grantOf(String(text)) ?? []);
      this.#grants.set(session, grants);
    }
    return grants;
  }
}
