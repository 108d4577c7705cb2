/** What a process and everything it started have used, as Linux says in `/proc`. */
import { readFileSync } from "node:fs";

export interface Usage {
  /** User and system time, s. */
  readonly cpu: number;
  /** The most resident memory so far, MiB. */
  readonly memory: number;
}

const TICKS_PER_SECOND = 100;
const KIB_PER_MIB = 1024;

export function usageOfTree(pid: number): Usage {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  // utime, stime, and those of children that ended
  let cpu = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) / TICKS_PER_SECOND;
  const most = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  let memory = Number(most) / KIB_PER_MIB;
  for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")) {
    if (child === "") continue;
    const of = usageOfTree(Number(child));
    cpu += of.cpu;
    memory += of.memory;
  }
  return { cpu, memory };
}
