/**
 * Tokens of machines and displays: shown once, kept as a digest, with what they may do and for which scopes. When one was used
 * last is told within some minutes; one that is revoked is so on every gateway.
 */
import { randomBytes } from "node:crypto";
import type { AccessLog } from "./access-log.ts";
import type { Token } from "./principal.ts";
import { isPower, isScopePath, type Power } from "./roles.ts";
import { digestOf, isSame, newSecret } from "./secrets.ts";

export interface NewToken {
  /** What it is for. */
  readonly name: string;
  readonly scopes: readonly string[];
  readonly may: readonly Power[];
  /** Epoch ms; `null`: it does not expire. */
  readonly expires: number | null;
  /** Who made it. */
  readonly by: string;
  /** SHA-256 of the certificate that may stand for it, as hexadecimal digits; `null`: none may. */
  readonly certificate: string | null;
}

export interface TokenShown extends NewToken {
  readonly id: string;
  readonly made: number;
  /** Epoch ms; `null`: never. */
  readonly lastUse: number | null;
}

/** Where it was used last is written down at most this often. */
const USE_TOLD_EVERY_MS = 5 * 60_000;
const TOKEN = /^oee_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

export class Tokens {
  readonly #log: AccessLog;
  readonly #clock: () => number;
  readonly #toldAt = new Map<string, number>();
  readonly #known = new WeakMap<object, Token>();

  constructor(log: AccessLog, clock: () => number) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Durable when it resolves. Throws `LogError`. */
  async create(token: NewToken): Promise<{ readonly id: string; readonly token: string }> {
    const id = randomBytes(8).toString("hex");
    const secret = newSecret();
    await this.#log.put("token", id, { ...token, digest: digestOf(secret), made: this.#clock() });
    return { id, token: `oee_${id}_${secret}` };
  }

  /** Throws `LogError`. */
  async revoke(id: string): Promise<void> {
    await this.#log.remove("token", id);
    await this.#log.remove("used", id);
  }

  /** `null`: it is none, or is not valid any more. */
  of(text: string): Token | null {
    const [, id, secret] = TOKEN.exec(text) ?? [];
    if (id === undefined || secret === undefined) return null;
    const digest = this.#log.get("token", id)?.["digest"];
    return typeof digest === "string" && isSame(digest, digestOf(secret)) ? this.inForce(id) : null;
  }

  /** The token that a client's certificate stands for. */
  ofCertificate(fingerprint: string): Token | null {
    for (const [id, { certificate }] of this.#log.all("token"))
      if (certificate === fingerprint) return this.inForce(id);
    return null;
  }

  /** By its identifier; `null`: it is revoked, or has expired. */
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
    const now = this.#clock();
    if (now - (this.#toldAt.get(id) ?? -Infinity) < USE_TOLD_EVERY_MS) return;
    this.#toldAt.set(id, now);
    // What is lost of this is told again with the next use.
    this.#log.put("used", id, { at: now }).catch(() => this.#toldAt.delete(id));
  }
}
