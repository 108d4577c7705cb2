/**
 * Second factors of people who sign in with a password: codes of an authenticator app (TOTP, RFC 6238). A factor's key
 * is sealed with the secret of the installation (`users-secret.ts`). A factor that a person set themselves is on the topic
 * `oee.access`. It counts as long as the users file says of that person what it said then: the factor that was replaced, or none.
 */
import { randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import type { AccessLog } from "./access-log.ts";
import { includes, type Role } from "./roles.ts";
import { digestOf } from "./secrets.ts";
import type { User, Users } from "./users.ts";
import type { UsersSecrets } from "./users-secret.ts";

const ISSUER = "Open OEE";
const KEY_BYTES = 20;
const PERIOD_S = 30;
/** How many codes before and after the present one are accepted: clocks of phones differ, and typing takes time. */
const WINDOW = 1;
/** How long a used code is remembered, so that it cannot be used again (s). */
const USED_KEPT_S = 10 * PERIOD_S;

/** A factor in the users file that begins so is none, and puts any that the person had set out of force. */
const RESET = "reset-";

/** A new key of a second factor, which its person is shown once. */
export interface FactorOffer {
  /** The key in Base32, to be typed into an authenticator app. */
  readonly key: string;
  /** The key as an address `otpauth://…`, which an authenticator app scans. */
  readonly address: string;
  /** The sealed key, which the person sends back with a code to set the factor; nobody else can. */
  readonly sealed: string;
}

/** Makes a new key for a person, without setting it. */
export function offerFactor({ id: person, name }: Pick<User, "id" | "name">, secrets: UsersSecrets): FactorOffer {
  const secret = new Secret({ size: KEY_BYTES });
  const id = randomBytes(6).toString("hex");
  return {
    key: secret.base32,
    address: totpOf(secret.base32, name).toString(),
    sealed: `${id}.${secrets.seal(secret.base32, aboutOf(person, id))}`,
  };
}

/** A text for the users file in place of a factor: the person has no factor until they set one. */
export function resetFactor(): string {
  return `${RESET}${randomBytes(6).toString("hex")}`;
}

/** The factor's identifier, which tells nothing of its key. */
export function idOfFactor(sealed: string): string {
  return sealed.slice(0, Math.max(0, sealed.indexOf(".")));
}

export class SecondFactors {
  readonly #log: AccessLog;
  readonly #users: () => Users;
  readonly #secrets: UsersSecrets | null;
  readonly #neededFrom: Role | null;
  readonly #clock: () => number;
  readonly #known = new WeakMap<User, { readonly record: object | undefined; readonly user: User }>();

  /** `neededFrom`: people who hold this role, or one that includes it, need a second factor; `null`: nobody does. */
  constructor(
    log: AccessLog,
    users: () => Users,
    secrets: UsersSecrets | null,
    neededFrom: Role | null,
    clock: () => number,
  ) {
    this.#log = log;
    this.#users = users;
    this.#secrets = secrets;
    this.#neededFrom = neededFrom;
    this.#clock = clock;
  }

  /** A user of the users file with the factor that counts, which may be their own; the same object while nothing has changed. */
  withFactor(user: User): User {
    const record = this.#log.get("factor", user.id);
    const known = this.#known.get(user);
    if (known !== undefined && known.record === record) return known.user;
    const { secondFactor: inFile, ...rest } = user;
    const own = record?.["replaces"] === digestOf(inFile ?? "") ? record["sealed"] : null;
    const counts = typeof own === "string" ? own : inFile?.startsWith(RESET) === true ? undefined : inFile;
    const made = counts === inFile ? user : { ...rest, ...(counts === undefined ? {} : { secondFactor: counts }) };
    this.#known.set(user, { record, user: made });
    return made;
  }

  /** Whether a person has no second factor although one of their roles needs it. */
  isLacking({ grants, secondFactor }: User): boolean {
    const from = this.#neededFrom;
    return from !== null && secondFactor === undefined && grants.some(({ role }) => includes(role, from));
  }

  /**
   * Whether a code is one that the factor has now, and whether it was used before at any gateway; marks it as used. "wrong" for
   * a factor whose secret the installation lacks. Throws `LogError`.
   */
  async check({ id: person, name }: User, sealed: string, code: string): Promise<"right" | "used" | "wrong"> {
    const id = idOfFactor(sealed);
    const key = this.#secrets?.open(sealed.slice(id.length + 1), aboutOf(person, id)) ?? null;
    if (key === null) return "wrong";
    const now = this.#clock();
    const delta = totpOf(key, name).validate({ token: code.replaceAll(/\s/g, ""), timestamp: now, window: WINDOW });
    if (delta === null) return "wrong";
    const isFirst = await this.#log.claim("code", `${id}/${Math.floor(now / 1_000 / PERIOD_S) + delta}`);
    return isFirst ? "right" : "used";
  }

  /** Sets a person's own factor, durable when it resolves. Throws `LogError`. */
  async set(name: string, sealed: string): Promise<void> {
    const user = this.#users().get(name);
    if (user === undefined) throw new Error(`${name} is no user any more`);
    await this.#log.put("factor", user.id, { sealed, replaces: digestOf(user.secondFactor ?? "") });
  }

  /** Removes factors of people whom the users file does not have any more, and used codes whose time is over. Throws `LogError`. */
  async sweep(): Promise<void> {
    const oldest = (this.#clock() / 1_000 - USED_KEPT_S) / PERIOD_S;
    for (const id of [...this.#log.all("code").keys()])
      if (Number(id.split("/")[1]) < oldest) await this.#log.remove("code", id);
    const ids = new Set([...this.#users().values()].map(({ id }) => id));
    // A gateway without a users file does not know whose factors to remove.
    if (ids.size === 0) return;
    for (const id of [...this.#log.all("factor").keys()]) if (!ids.has(id)) await this.#log.remove("factor", id);
  }
}

function totpOf(key: string, label: string): TOTP {
  const secret = Secret.fromBase32(key);
  return new TOTP({ issuer: ISSUER, label, secret, algorithm: "SHA1", digits: 6, period: PERIOD_S });
}

function aboutOf(person: string, id: string): string {
  return `second factor ${id} of ${person}`;
}
