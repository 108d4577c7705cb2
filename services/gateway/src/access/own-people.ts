/**
 * Sessions that the process of a gateway opens itself, in the names of the people of a simulated plant whose entries it posts.
 * Each has its line in the audit and is listed like any other session; its secret never leaves the process, which ends it.
 */
import { createHash } from "node:crypto";
import type { AuditLog } from "../audit/audit-log.ts";
import type { Access } from "./access.ts";
import { cookieName } from "./cookies.ts";
import type { Grant } from "./roles.ts";

interface OwnSession {
  readonly person: string;
  readonly id: string;
  readonly secret: string;
}

export class OwnPeople {
  readonly #access: Access;
  readonly #audit: AuditLog;
  /** Open sessions by the person's name. */
  readonly #sessions = new Map<string, OwnSession>();

  constructor(access: Access, audit: AuditLog) {
    this.#access = access;
    this.#audit = audit;
  }

  /** The headers with which a request by `inject` is this person's. Throws `LogError` where the log does not take the session. */
  async headersOf(name: string, grants: readonly Grant[]): Promise<Readonly<Record<string, string>>> {
    let session = this.#sessions.get(name);
    if (session === undefined || this.#access.sessions.personIn(session.id) === null) {
      // The identifier follows from the name, so that an entry that is posted again after a restart is unchanged.
      const person = `person-${createHash("sha256").update(`simulated ${name}`).digest("hex").slice(0, 24)}`;
      await this.#tell("sign-in", person);
      await this.#access.names.note(person, name);
      const begun = await this.#access.sessions.begin({ person, name, grants, from: "simulation" });
      this.#sessions.set(name, (session = { person, ...begun }));
    }
    return { cookie: `${cookieName("session", false)}=${session.secret}`, "oee-request": "simulation" };
  }

  /** Ends all sessions that were opened here. Throws `LogError`. */
  async leave(): Promise<void> {
    for (const [name, { id, person }] of [...this.#sessions]) {
      await this.#access.sessions.end(id);
      this.#sessions.delete(name);
      await this.#tell("sign-out", person);
    }
  }

  #tell(kind: "sign-in" | "sign-out", who: string): Promise<void> {
    return this.#audit.write({ who, kind, what: "", scope: "*", from: null, before: null, after: { simulated: true } });
  }
}
