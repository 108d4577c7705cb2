/**
 * Which process something belongs to, so that another one can tell whether that process is dead. It is dead for sure only where both
 * are of the same boot of the same machine and see the same pids: those of another container, or of a system without `/proc`, cannot be
 * told, nor can what a user may not see.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

export interface ProcessIdentity {
  readonly pid: number;
  /** When the process began, in ticks since the boot; null where it cannot be known. */
  readonly startedAt: string | null;
  readonly bootId: string | null;
  /** The namespace in which the pid counts; null where it cannot be known. */
  readonly pids: string | null;
  readonly host: string;
}

export function ownIdentity(): ProcessIdentity {
  const { pid } = process;
  return { pid, startedAt: startOf(pid), bootId: bootId(), pids: pidNamespace(), host: hostname() };
}

/** Whether a process is dead for sure; one that was killed and is not waited for is. */
export function isDead(of: ProcessIdentity): boolean {
  const own = ownIdentity();
  const isTold = of.startedAt !== null && of.bootId !== null && of.pids !== null;
  if (!isTold || of.bootId !== own.bootId || of.pids !== own.pids || of.host !== own.host) return false;
  return !isThere(of.pid) || isAnother(of.pid, of.startedAt);
}

/** Whether there is a process with a pid, also one that is dead but not yet waited for. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
  return true;
}

/** Whether the process with a pid began at another time, or is dead but not yet waited for; `false` where the system does not say. */
export function isAnother(pid: number, startedAt: string): boolean {
  const fields = statusOf(pid);
  return fields !== null && (fields[0] === "Z" || fields[19] !== startedAt);
}

/** Field 22 of /proc/PID/stat. */
export function startOf(pid: number): string | null {
  return statusOf(pid)?.[19] ?? null;
}

export function bootId(): string | null {
  return textIn(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
}

function pidNamespace(): string | null {
  return textIn(() => readlinkSync("/proc/self/ns/pid"));
}

/** The fields of /proc/PID/stat from the third on. */
function statusOf(pid: number): readonly string[] | null {
  const stat = textIn(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat === null ? null : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function textIn(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
