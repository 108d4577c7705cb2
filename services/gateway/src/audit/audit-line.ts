/**
 * A line of the audit, as it stands on the topic `oee.audit`: who did what, when, from where, and the values before and after.
 * Lines are chained in the order of the topic: the hash of a line is made of the hash of the line before it and of its own
 * bytes, and each line names the newest line that its writer had read. So every later line shows that one was altered or removed.
 */
import { createHash } from "node:crypto";

export interface AuditFacts {
  /** Identifier of the person or the token; `null`: the caller did not sign in. */
  readonly who: string | null;
  /** What was done: `sign-in`, `sign-in-failed`, `correction`, `token-created`, … */
  readonly kind: string;
  /** The id of what it was done to, such as a token or an entry; empty: the kind says enough. */
  readonly what: string;
  readonly scope: string;
  /** The client's address; `null`: it was done by this installation itself. */
  readonly from: string | null;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** The offset and hash of a line: the newest that a writer had read. */
export interface ChainHead {
  readonly offset: number;
  readonly hash: string;
}

export interface AuditLine extends AuditFacts {
  /** When the line was written (epoch ms). */
  readonly at: number;
  readonly seen: ChainHead | null;
}

export const CHAIN_START: string = "0".repeat(64);

/** The hash of a line after that of the line before it. */
export function chained(before: string, bytes: Uint8Array): string {
  return createHash("sha256").update(before).update(bytes).digest("hex");
}

export function bytesOfLine(line: AuditLine): Buffer {
  const { at, who, kind, what, scope, from, before, after, seen } = line;
  return Buffer.from(JSON.stringify({ at, who, kind, what, scope, from, before, after, seen }));
}

/** The line of a record's bytes; `null`: they are no line. */
export function lineIn(bytes: Uint8Array | null): AuditLine | null {
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    const { at, kind, scope } = value as Partial<AuditLine>;
    return typeof at === "number" && typeof kind === "string" && typeof scope === "string"
      ? (value as AuditLine)
      : null;
  } catch {
    return null;
  }
}
