/** The name in audit lines for commands and for what a process does by itself. */
import { hostname, userInfo } from "node:os";
import type { AuditFacts } from "@oee/gateway";

/** The user of the operating system that runs this process, and the machine's name. */
export function whoRuns(): Pick<AuditFacts, "who" | "from"> {
  return { who: accountName(), from: hostname() };
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
