/**
 * Every error of the store has a code. `retryable` says whether the same call may succeed later without anyone
 * changing it; all writes are idempotent by their keys, so a caller may repeat any of them.
 */
export type StoreErrorCode =
  /** Input that can not be stored or asked: a programming error of the caller or a bad value. */
  | "OEE_STORE_INVALID"
  /** What was asked has a larger answer than can be held in memory. */
  | "OEE_STORE_TOO_LARGE"
  /** ClickHouse refused the statement. */
  | "OEE_STORE_REFUSED"
  /** The server could not be reached or did not answer, also after retries. */
  | "OEE_STORE_UNAVAILABLE"
  | "OEE_STORE_ACCESS_DENIED"
  /** No TLS connection comes about: the certificate is not trusted, or one side does not speak TLS. */
  | "OEE_STORE_TLS_FAILED"
  | "OEE_STORE_DISK_FULL"
  /** The data folder belongs to another process, or this process has another one open. */
  | "OEE_STORE_IN_USE"
  | "OEE_STORE_OPEN_FAILED"
  /** The store was opened to be read alone. */
  | "OEE_STORE_READ_ONLY"
  /** The database was made by an older version, or by none, and may not be changed here. */
  | "OEE_STORE_SCHEMA_OLDER"
  /** The database was made by a newer version of this product. */
  | "OEE_STORE_SCHEMA_NEWER"
  /** A migration that was applied is not the one that this version knows. */
  | "OEE_STORE_SCHEMA_CHANGED"
  /** More calls are waiting than the store lets wait. */
  | "OEE_STORE_BUSY"
  | "OEE_STORE_CLOSED";

export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;
  readonly retryable: boolean;

  constructor(code: StoreErrorCode, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** ClickHouse's own codes of errors that pass: time-outs, memory, too many parts or queries, keeper and network. */
const TRANSIENT: ReadonlySet<string> = new Set(
  [159, 202, 203, 209, 210, 225, 236, 241, 242, 252, 285, 286, 319, 394, 425, 439, 473, 999].map(String),
);
const DENIED: ReadonlySet<string> = new Set([192, 193, 194, 497, 516].map(String));
/** Node's and OpenSSL's codes of what is wrong with a certificate or a handshake. */
const TLS_CODE = /^(?!\d).*(?:CERT|SSL|TLS|SIGNED|SIGNATURE|CRL|EPROTO|CA_)/;
const TLS_TEXT = /before secure TLS connection was established/;
const DISK_FULL: ReadonlySet<string> = new Set(["243", "ENOSPC", "EDQUOT"]);
const DISK_FULL_TEXT = /no space left on device|errno: 28\b/i;

/** The coded form of whatever a connection threw. `doing` completes "could not …". */
export function storeErrorOf(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const failed = (code: StoreErrorCode, retryable: boolean): StoreError =>
    new StoreError(code, `could not ${doing}: ${message}`, { cause: error, retryable });
  const code = codeOf(error);
  if (DISK_FULL.has(code) || DISK_FULL_TEXT.test(message)) return failed("OEE_STORE_DISK_FULL", true);
  if (DENIED.has(code)) return failed("OEE_STORE_ACCESS_DENIED", false);
  if (TLS_CODE.test(code) || TLS_TEXT.test(message)) {
    const todo = "look at the authority that signed the server's certificate, and whether this port speaks TLS";
    return new StoreError("OEE_STORE_TLS_FAILED", `could not ${doing}: ${message}: ${todo}`, { cause: error });
  }
  if (/^\d+$/.test(code) && !TRANSIENT.has(code)) return failed("OEE_STORE_REFUSED", false);
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) {
    return failed("OEE_STORE_REFUSED", false);
  }
  // What is left is the way to the server: refused, reset, timed out, or an answer by something in between.
  return failed("OEE_STORE_UNAVAILABLE", true);
}

/** ClickHouse's code (a number, as text) or Node's (a name); by shape, for there are several copies of the class. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Refuses a call for which too many wait already. */
export function storeBusy(waiting: number): StoreError {
  return new StoreError("OEE_STORE_BUSY", `${waiting} calls of the store wait already; await them first`, {
    retryable: true,
  });
}
