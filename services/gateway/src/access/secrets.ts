/** Secrets that people and machines carry: random, kept as digests alone, and compared in a time that says nothing of them. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 bits, as text for a header or a cookie. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

export function digestOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

export function isSame(digest: string, other: string): boolean {
  const [a, b] = [Buffer.from(digest), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
