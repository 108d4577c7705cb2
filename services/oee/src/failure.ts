/** The two ways in which a command can end without having done its job; their messages are for the person who asked. */

/** What was asked for makes no sense: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What was asked for could not be done: exit code 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** What the system says of a failed call, without its code and path: `no such file or directory`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EISDIR") return "it is a directory";
  const match = /^E[A-Z0-9]+: ([^,]+)/.exec(error.message);
  return match?.[1] ?? error.message;
}
