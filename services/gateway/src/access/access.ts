/** Puts the sign-in of a gateway together (users, sessions, tokens, displays, names), and finds the caller of a request. */
import type { IncomingHttpHeaders } from "node:http";
import type { EventLog } from "@oee/event-log";
import type { Logger } from "pino";
import { AccessLog } from "./access-log.ts";
import { AccountAttempts } from "./account-attempts.ts";
import { Attempts } from "./attempts.ts";
import { CodeAttempts } from "./code-attempts.ts";
import { cookieIn } from "./cookies.ts";
import { Names } from "./names.ts";
import { NoticeMail, type NoticeMailParts } from "./notice-mail.ts";
import { Notices } from "./notices.ts";
import { OwnPasswords } from "./own-passwords.ts";
import { Pairings } from "./pairings.ts";
import type { Person, Principal } from "./principal.ts";
import { Sessions } from "./sessions.ts";
import { Tokens } from "./tokens.ts";
import { Provider, type ProviderOptions } from "./provider.ts";
import type { Role } from "./roles.ts";
import { SecondFactors } from "./second-factors.ts";
import type { User, Users } from "./users.ts";
import type { UsersSecrets } from "./users-secret.ts";

export interface AccessOptions {
  /** The people of the users file, who sign in with a password; read again whenever the file changes. */
  readonly users: () => Users;
  /** Secrets that passwords are digested with; `null`: none. */
  readonly secrets?: UsersSecrets | null;
  /** People with a password who hold this role, or one that includes it, need a second factor; `null`: nobody does. */
  readonly secondFactorFrom?: Role | null;
  /** The OpenID provider at which other people sign in. */
  readonly provider?: ProviderOptions;
  /** How long a session lasts (ms). */
  readonly sessionMs?: number;
  /** A session ends after this time (ms) without a request of its person; `null`: it does not. */
  readonly sessionIdleMs?: number | null;
  /** What people are told before they sign in; `null`: nothing. */
  readonly useNotice?: string | null;
  /** Whether a review is signed off by another person than the one who presented it; default `false`. */
  readonly fourEyes?: boolean;
  /** Whether answers show identifiers of people in the place of names. */
  readonly pseudonyms?: boolean;
  /** How long after the person's last sign-in a name is kept (ms); `null`: until it is erased. */
  readonly namesKeptMs?: number | null;
  /** The clock of sessions and tokens (epoch ms); default the system's, also where the gateway has another one. */
  readonly clock?: () => number;
}

export const SESSION_MS_DEFAULT: number = 12 * 3_600_000;
export const SESSION_IDLE_MS_DEFAULT: number = 30 * 60_000;
const COOKIES_KNOWN_MAX = 4_096;
const SWEEP_EVERY_MS = 10 * 60_000;

/** Parts of the gateway that its sign-in uses. */
export interface AccessParts {
  readonly log: EventLog;
  readonly topic: string;
  readonly logger: Logger;
  /** Whether this gateway writes nothing (read-only): no one can sign in, and no session, name or token is changed. */
  readonly readOnly: boolean;
  /** Called for each record of the topic that cannot be read. */
  readonly onPassedOver?: () => void;
  /** Called with a person's identifier before the name is erased because `namesKeptMs` are over. */
  readonly onNameOver: (person: string) => Promise<void>;
}

/** What identifies the caller of a request. */
export interface Asked {
  readonly headers: IncomingHttpHeaders;
  /** Whether it came by TLS. */
  readonly secure: boolean;
  /** SHA-256 of the client's certificate that was checked, as hexadecimal digits; `null`: it has none. */
  readonly certificate: string | null;
}

export class Access {
  readonly options: AccessOptions;
  readonly log: AccessLog;
  readonly passwords: OwnPasswords;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly pairings: Pairings;
  readonly names: Names;
  readonly notices: Notices;
  readonly attempts: Attempts;
  readonly accountAttempts: AccountAttempts;
  readonly factors: SecondFactors;
  readonly codeAttempts: CodeAttempts;
  readonly clock: () => number;
  readonly secrets: UsersSecrets | null;
  /** The OpenID provider; `null`: there is none. */
  readonly provider: Provider | null;
  /** Identifiers of sessions by the whole header `cookie`, which a browser sends unchanged: a known header is not parsed again. */
  readonly #sessionsByCookies = { secure: new Map<string, string>(), plain: new Map<string, string>() };
  readonly #sweeping: NodeJS.Timeout | null;
  #mail: NoticeMail | null = null;
  readonly #onNameOver: AccessParts["onNameOver"];

  constructor(options: AccessOptions, { log, topic, logger, readOnly, onPassedOver, onNameOver }: AccessParts) {
    const { users, sessionMs = SESSION_MS_DEFAULT, sessionIdleMs = SESSION_IDLE_MS_DEFAULT } = options;
    const { pseudonyms = false, namesKeptMs = null, clock = Date.now } = options;
    this.options = options;
    this.clock = clock;
    this.secrets = options.secrets ?? null;
    this.log = new AccessLog(log, topic, logger, readOnly, onPassedOver);
    this.passwords = new OwnPasswords(this.log, users);
    this.factors = new SecondFactors(this.log, users, this.secrets, options.secondFactorFrom ?? null, clock);
    this.sessions = new Sessions(
      this.log,
      (name) => this.userOf(name),
      (user) => this.factors.isLacking(user),
      clock,
      sessionMs,
      sessionIdleMs,
    );
    this.tokens = new Tokens(this.log, clock);
    this.pairings = new Pairings(this.log, clock);
    // A gateway that writes nothing cannot tell the audit who takes names away.
    this.names = new Names(this.log, clock, pseudonyms || readOnly, namesKeptMs);
    this.notices = new Notices(this.log, users, clock);
    this.attempts = new Attempts(clock);
    this.accountAttempts = new AccountAttempts(this.log, clock);
    this.codeAttempts = new CodeAttempts(this.log, clock);
    this.provider = options.provider === undefined ? null : new Provider(options.provider);
    this.#onNameOver = onNameOver;
    const sweep = (): void => {
      this.sweep().catch((error: unknown) =>
        logger.warn({ err: error }, "sessions and names whose time is over could not be removed"),
      );
    };
    this.#sweeping = readOnly ? null : setInterval(sweep, SWEEP_EVERY_MS);
    this.#sweeping?.unref();
    this.log.start();
  }

  /** Removes sessions that are over and names that have been kept for `namesKeptMs`. Throws `LogError`. */
  async sweep(): Promise<void> {
    await this.sessions.sweep();
    await this.passwords.sweep();
    await this.factors.sweep();
    await this.codeAttempts.sweep();
    await this.accountAttempts.sweep();
    await this.notices.sweep();
    for (const person of this.names.over()) {
      await this.#onNameOver(person);
      await this.erase(person);
    }
  }

  /** Removes a person's name and where notices reached them. `false`: the name was not known. Throws `LogError`. */
  async erase(person: string): Promise<boolean> {
    await this.notices.forget(person);
    await this.accountAttempts.forget(person);
    return this.names.erase(person);
  }

  /** A user of the file, with the password and the second factor that count. */
  userOf(name: string): User | undefined {
    const user = this.passwords.user(name);
    return user === undefined ? undefined : this.factors.withFactor(user);
  }

  /** Begins to look after notices to people: what is another in the users file, and mail. */
  startNotices(parts: Omit<NoticeMailParts, "log" | "notices">): void {
    this.#mail = new NoticeMail({ ...parts, log: this.log, notices: this.notices });
  }

  async close(): Promise<void> {
    if (this.#sweeping !== null) clearInterval(this.#sweeping);
    await this.#mail?.close();
    await this.log.close();
  }

  /**
   * The caller of a request, by its token, its cookies or its certificate; `null`: none of them is valid. Where there is a
   * token that is not valid, cookies and certificate are not looked at.
   */
  whoIs({ headers, secure, certificate }: Asked): Principal | null {
    const { authorization } = headers;
    if (authorization !== undefined) return this.tokens.ofHeader(authorization);
    const person = headers.cookie === undefined ? null : this.#personBy(headers.cookie, secure);
    if (person !== null) return person;
    const display = cookieIn(headers.cookie, "display", secure);
    const shown = display === null ? null : this.tokens.of(display);
    if (shown !== null) return shown;
    return certificate === null ? null : this.tokens.ofCertificate(certificate);
  }

  /** The person of a header `cookie`, which is parsed the first time only. */
  #personBy(cookies: string, secure: boolean): Person | null {
    const known = this.#sessionsByCookies[secure ? "secure" : "plain"];
    const id = known.get(cookies);
    if (id !== undefined) {
      const person = this.sessions.personIn(id);
      if (person === null) known.delete(cookies);
      return person;
    }
    const secret = cookieIn(cookies, "session", secure);
    const person = secret === null ? null : this.sessions.personOf(secret);
    if (person === null) return null;
    const [oldest] = known.keys();
    if (known.size >= COOKIES_KNOWN_MAX && oldest !== undefined) known.delete(oldest);
    known.set(cookies, person.session);
    return person;
  }

  /** A caller that was let in, with the roles of now; `null`: the session has ended, or the token was revoked. */
  isStill(who: Principal): Principal | null {
    return who.kind === "person" ? this.sessions.personIn(who.session) : this.tokens.inForce(who.id);
  }
}
