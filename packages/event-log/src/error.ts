/**
 * The operating errors of the log. A caller decides by `code`; the message says what was found and what was expected,
 * and `cause` keeps what the adapter's library said. Programmer errors are ordinary `Error`s and are not caught.
 */
export type LogErrorCode =
  /** The log was closed, or is closing. */
  | "OEE_LOG_CLOSED"
  /** No such topic: `ensureTopics` was not called, or someone deleted it. */
  | "OEE_LOG_UNKNOWN_TOPIC"
  /** No such partition in the topic. */
  | "OEE_LOG_UNKNOWN_PARTITION"
  /** A topic exists with settings that would lose or mix data. */
  | "OEE_LOG_TOPIC_MISMATCH"
  /** The topic was deleted and made anew since its offsets began to be counted. */
  | "OEE_LOG_TOPIC_REPLACED"
  /** Machines cannot be dealt over other partitions now, or not over so many; they stay as they were. */
  | "OEE_LOG_LAYOUT_REFUSED"
  /** A record, or the key of a compacted one, is too large; nothing of that append was written. */
  | "OEE_LOG_RECORD_TOO_LARGE"
  /** A compacted topic needs a key on every record; nothing of that append was written. */
  | "OEE_LOG_KEY_MISSING"
  /** Appends wait beyond the bound; nothing of that append was written. Slow down and try again. */
  | "OEE_LOG_QUEUE_FULL"
  /** The write was not acknowledged; it may be in the log or not. Try again. */
  | "OEE_LOG_APPEND_FAILED"
  /** The embedded log holds as many bytes as it may, or its disk is full; nothing of that append was written. */
  | "OEE_LOG_FULL"
  /** The disk refused a write, and the library that asked for it damaged this process's memory: it has to end. */
  | "OEE_LOG_MEMORY_DAMAGED"
  /** A commit for a partition that this member does not, or no longer, own. Another member goes on from the last commit. */
  | "OEE_LOG_NOT_OWNER"
  /** The commit was not acknowledged. Try again. */
  | "OEE_LOG_COMMIT_FAILED"
  /** The log was opened to be read alone. */
  | "OEE_LOG_READ_ONLY"
  /** The log cannot be reached. */
  | "OEE_LOG_UNAVAILABLE"
  /** The log refuses the sign-in, or what the user wants to do. */
  | "OEE_LOG_ACCESS_DENIED"
  /** No TLS connection comes about: a certificate is not trusted, or one side does not speak TLS. */
  | "OEE_LOG_TLS_FAILED"
  /** A stored batch does not match its checksum or cannot be read. */
  | "OEE_LOG_CORRUPT"
  /** The embedded log's file is not whole: its disk, a power cut or a copy that was cut short. */
  | "OEE_LOG_DAMAGED"
  /** Another process owns the data folder. */
  | "OEE_LOG_FOLDER_OWNED"
  /** The data folder was written by a version that this one does not know. */
  | "OEE_LOG_FOLDER_VERSION"
  /** The installed kafkajs is not the version whose insides this adapter knows. */
  | "OEE_LOG_CLIENT_VERSION";

export class LogError extends Error {
  override readonly name = "LogError";
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The text of whatever was thrown, for logs and messages. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
