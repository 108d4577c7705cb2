/**
 * Tokens of machines and displays: shown once, kept as a digest, with their permissions and scopes. The instant of the
 * last use is written every few minutes; a token that is revoked is refused by every gateway within a second.
 */
import { randomBytes } from "node:crypto";
import type { AccessLog } from "./access-log.ts";
import type { Token } from "./principal.ts";
import { isPower, isScopePath, type Power } from "./roles.ts";
import { digestOf, isSame, KnownDigests, newSecret } from "./secrets.ts";

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
const USE_TOLD_EVERY_MS = 5 * 60_000;
const TOKEN = /^oee_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

export class Tokens {
  readonly #log: AccessLog;
  readonly #clock: () => number;
  readonly #toldAt = new Map<string, number>();
  readonly #known = new WeakMap<object, Token>();
  readonly #digests = new KnownDigests();

  constructor(log: AccessLog, clock: () => number) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Makes a token and returns its text, which is not kept. Durable when it resolves. Throws `LogError`. */
  async create(token: NewToken): Promise<{ readonly id: string; readonly token: string }> {
    const id = randomBytes(8).toString("hex");
    const secret = newSecret();
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
    const [, id, secret] = TOKEN.exec(text) ?? [];
    if (id === undefined || secret === undefined) return null;
    const kept = this.#log.get("token", id)?.["digest"];
    const digest = this.#digests.of(secret);
    if (typeof kept !== "string" || !isSame(kept, digest)) return null;
    this.#digests.keep(secret, digest);
    return this.inForce(id);
  }

  /** The token in whose place a client's certificate is accepted. */
  ofCertificate(fingerprint: string): Token | null {
    for (const [id, { certificate }] of this.#log.all("token"))
      if (certificate === fingerprint) return this.inForce(id);
    return null;
  }

  /** A token by its identifier; `null`: it is revoked, or has expired. */
  inForce(id: string): Token | null {
    const record = this.#log.get("token", id);
    if (record === undefined) return null;
    if (record["expires"] !== null && Number(record["expires"]) <= this.#clock()) return null;
    this.#noteUse(id);
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

  #noteUse(id: string): void {
    if (this.#log.readOnly) return;
    const now = this.#clock();
    if (now - (this.#toldAt.get(id) ?? -Infinity) < USE_TOLD_EVERY_MS) return;
    this.#toldAt.set(id, now);
    // A write that fails is repeated with the next use.
    this.#log.put("used", id, { at: now }).catch(() => this.#toldAt.delete(id));
  }
}
