/**
 * Tokens of machines and displays: shown once, kept as a digest, with their permissions and scopes. The instant of the
 * last use is written every few minutes; a token that is revoked is refused by every gateway within a second.
 */
import { randomBytes } from "node:crypto";
import type { AccessLog, AccessValue } from "./access-log.ts";
import type { Token } from "./principal.ts";
import { isPower, isScopePath, type Power } from "./roles.ts";
import { digestOf, isSame, newSecret } from "./secrets.ts";

export interface NewToken {
  /** The name that an administrator gives it, such as of its machine. */
  readonly name: string;
  readonly scopes: readonly string[];
  readonly may: readonly Power[];
  /** When the token expires (epoch ms); `null`: never. */
  readonly expires: number | null;
  /** Identifier of the person who made the token. */
  readonly by: string;
  /** SHA-256, in hexadecimal digits, of the client certificate that is accepted in the token's place; `null`: none is. */
  readonly certificate: string | null;
}

export interface TokenShown extends NewToken {
  readonly id: string;
  readonly made: number;
  /** When the token was used last (epoch ms, to within 5 min); `null`: never. */
  readonly lastUse: number | null;
}

/** The last use of a token is written to the topic at most this often. */
const LAST_USE_WRITTEN_EVERY_MS = 5 * 60_000;
const TOKEN = /^oee_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const BEARER = /^Bearer ([^\s]{1,200})$/i;
const CHECKED_MAX = 4_096;

/** A text whose secret had the digest of this record. */
interface Checked {
  readonly id: string;
  readonly record: AccessValue;
}

export class Tokens {
  readonly #log: AccessLog;
  readonly #clock: () => number;
  /** By token: when its last use was written to the topic (epoch ms). */
  readonly #useWrittenAt = new Map<string, number>();
  readonly #known = new WeakMap<object, Token>();
  /** By header or token as it was sent: the secret of a frequent caller is not digested again while the record is the same. */
  readonly #checked = new Map<string, Checked>();

  constructor(log: AccessLog, clock: () => number) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Makes a token, once `tell` has told the audit its id, and returns its text, which is not kept. Durable when it resolves. Throws `LogError`. */
  async create(
    token: NewToken,
    tell: (id: string) => Promise<void>,
  ): Promise<{ readonly id: string; readonly token: string }> {
    const id = randomBytes(8).toString("hex");
    const secret = newSecret();
    await tell(id);
    await this.#log.put("token", id, { ...token, digest: digestOf(secret), made: this.#clock() });
    return { id, token: `oee_${id}_${secret}` };
  }

  /** Revokes a token: here at once, durable when it resolves. Throws `LogError`. */
  async revoke(id: string): Promise<void> {
    await this.#log.remove("token", id);
    await this.#log.remove("used", id);
  }

  /** The token of a text; `null`: there is none, or it is not valid any more. */
  of(text: string): Token | null {
    return this.#ofChecked(text) ?? this.#check(text, text);
  }

  /** The token of a header `authorization`; `null` as above. */
  ofHeader(header: string): Token | null {
    const known = this.#ofChecked(header);
    if (known !== null) return known;
    const [, text] = BEARER.exec(header) ?? [];
    return text === undefined ? null : this.#check(text, header);
  }

  /** The token of what was checked before; `null`: it was not, or against another record than that of now. */
  #ofChecked(sent: string): Token | null {
    const checked = this.#checked.get(sent);
    if (checked === undefined) return null;
    const { id, record } = checked;
    if (this.#log.get("token", id) === record) return this.#inForce(id, record);
    this.#checked.delete(sent);
    return null;
  }

  /** Compares the digest of a token's secret with the one that is kept. */
  #check(text: string, sent: string): Token | null {
    const [, id, secret] = TOKEN.exec(text) ?? [];
    if (id === undefined || secret === undefined) return null;
    const record = this.#log.get("token", id);
    const kept = record?.["digest"];
    if (record === undefined || typeof kept !== "string" || !isSame(kept, digestOf(secret))) return null;
    const [oldest] = this.#checked.keys();
    if (this.#checked.size >= CHECKED_MAX && oldest !== undefined) this.#checked.delete(oldest);
    this.#checked.set(sent, { id, record });
    return this.#inForce(id, record);
  }

  /** The token in whose place a client's certificate is accepted. */
  ofCertificate(fingerprint: string): Token | null {
    for (const [id, record] of this.#log.all("token")) {
      const token = record["certificate"] === fingerprint ? this.#inForce(id, record) : null;
      if (token !== null) return token;
    }
    return null;
  }

  /** Whether a client's certificate stands for a token that has not expired. */
  hasCertificate(fingerprint: string): boolean {
    const now = this.#clock();
    return this.all().some(
      ({ certificate, expires }) => certificate === fingerprint && (expires === null || expires > now),
    );
  }

  /** A token by its identifier; `null`: it is revoked, or has expired. */
  inForce(id: string): Token | null {
    const record = this.#log.get("token", id);
    return record === undefined ? null : this.#inForce(id, record);
  }

  #inForce(id: string, record: AccessValue): Token | null {
    const now = this.#clock();
    if (record["expires"] !== null && Number(record["expires"]) <= now) return null;
    this.#noteUse(id, now);
    let token = this.#known.get(record);
    if (token === undefined) {
      const { scopes, may, name } = record;
      token = {
        kind: "token",
        id,
        name: String(name),
        scopes: Array.isArray(scopes) ? scopes.filter(isScopePath) : [],
        may: Array.isArray(may) ? may.filter(isPower) : [],
      };
      this.#known.set(record, token);
    }
    return token;
  }

  all(): readonly TokenShown[] {
    return [...this.#log.all("token")].map(([id, { digest: _, ...token }]) => {
      const used = this.#log.get("used", id)?.["at"];
      return {
        ...(token as unknown as Omit<TokenShown, "id" | "lastUse">),
        id,
        lastUse: used === undefined ? null : Number(used),
      };
    });
  }

  #noteUse(id: string, now: number): void {
    if (this.#log.readOnly) return;
    if (now - (this.#useWrittenAt.get(id) ?? -Infinity) < LAST_USE_WRITTEN_EVERY_MS) return;
    this.#useWrittenAt.set(id, now);
    // A write that fails is repeated with the next use.
    this.#log.put("used", id, { at: now }).catch(() => this.#useWrittenAt.delete(id));
  }
}
