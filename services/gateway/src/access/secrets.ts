/**
 * Makes and checks the secrets of sessions, tokens and pairings: random, kept as digests only, and compared in
 * constant time.
 */
import { hash, randomBytes, timingSafeEqual } from "node:crypto";

/** A random secret of 256 bits, as text for a header or a cookie. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

export function digestOf(secret: string): string {
  return hash("sha256", secret);
}

const KNOWN_MAX = 4_096;

/** Digests of secrets that were valid, so that the secret of a frequent caller is not digested with each request. */
export class KnownDigests {
  readonly #known = new Map<string, string>();

  of(secret: string): string {
    return this.#known.get(secret) ?? digestOf(secret);
  }

  keep(secret: string, digest: string): void {
    if (this.#known.has(secret)) return;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= KNOWN_MAX && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(secret, digest);
  }
}

export function isSame(digest: string, other: string): boolean {
  const [a, b] = [Buffer.from(digest), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
