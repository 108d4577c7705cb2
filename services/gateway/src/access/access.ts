/** Sign-in of a gateway put together: users, sessions, tokens, displays, names; and who a request comes from. */
import type { IncomingHttpHeaders } from "node:http";
import type { EventLog } from "@oee/event-log";
import type { Logger } from "pino";
import { AccessLog } from "./access-log.ts";
import { Attempts } from "./attempts.ts";
import { cookieIn } from "./cookies.ts";
import { Names } from "./names.ts";
import { Pairings } from "./pairings.ts";
import type { Principal } from "./principal.ts";
import { Sessions } from "./sessions.ts";
import { Tokens } from "./tokens.ts";
import { Provider, type ProviderOptions } from "./provider.ts";
import type { Users } from "./users.ts";

export interface AccessOptions {
  /** Those who sign in with a password, as the users file has them now. */
  readonly users: () => Users;
  /** Where people sign in who have no password here. */
  readonly provider?: ProviderOptions;
  /** How long a session lasts (ms). */
  readonly sessionMs?: number;
  /** Whether answers show identifiers of people in the place of names. */
  readonly pseudonyms?: boolean;
  /** How long after the last sign-in a name is kept (ms); `null`: until erased. */
  readonly namesKeptMs?: number | null;
  /** Epoch ms; the system's clock unless told otherwise, whatever the gateway takes for now. */
  readonly clock?: () => number;
}

export const SESSION_MS_DEFAULT: number = 12 * 3_600_000;
const SWEEP_EVERY_MS = 10 * 60_000;

/** What a request says of where it comes from. */
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
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly pairings: Pairings;
  readonly names: Names;
  readonly attempts: Attempts;
  readonly clock: () => number;
  /** `null`: nobody signs in at one. */
  readonly provider: Provider | null;
  readonly #sweeping: NodeJS.Timeout;

  constructor(options: AccessOptions, log: EventLog, topic: string, logger: Logger) {
    const { users, sessionMs = SESSION_MS_DEFAULT, pseudonyms = false, namesKeptMs = null, clock = Date.now } = options;
    this.options = options;
    this.clock = clock;
    this.log = new AccessLog(log, topic, logger);
    this.sessions = new Sessions(this.log, users, clock, sessionMs);
    this.tokens = new Tokens(this.log, clock);
    this.pairings = new Pairings(this.log, clock);
    this.names = new Names(this.log, clock, pseudonyms, namesKeptMs);
    this.attempts = new Attempts(clock);
    this.provider = options.provider === undefined ? null : new Provider(options.provider);
    this.#sweeping = setInterval(() => {
      Promise.all([this.sessions.sweep(), this.names.sweep()]).catch((error: unknown) =>
        logger.warn({ err: error }, "sessions that are over could not be removed"),
      );
    }, SWEEP_EVERY_MS);
    this.#sweeping.unref();
    this.log.start();
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    await this.log.close();
  }

  /** Who asks; `null`: nobody who is known. What a request shows first counts, also where it is not valid. */
  whoIs({ headers, secure, certificate }: Asked): Principal | null {
    const { authorization } = headers;
    if (authorization !== undefined) {
      const [, token] = /^Bearer ([^\s]{1,200})$/i.exec(authorization) ?? [];
      return token === undefined ? null : this.tokens.of(token);
    }
    const session = cookieIn(headers.cookie, "session", secure);
    const person = session === null ? null : this.sessions.personOf(session);
    if (person !== null) return person;
    const display = cookieIn(headers.cookie, "display", secure);
    const shown = display === null ? null : this.tokens.of(display);
    if (shown !== null) return shown;
    return certificate === null ? null : this.tokens.ofCertificate(certificate);
  }

  /** Whether somebody who was let in still is: sessions end, tokens are revoked, roles change. */
  isStill(who: Principal): Principal | null {
    return who.kind === "person" ? this.sessions.personIn(who.session) : this.tokens.inForce(who.id);
  }
}
