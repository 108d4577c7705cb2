/** Processor time and memory of a process and all its children, from Linux' `/proc`. */
import { readdirSync, readFileSync } from "node:fs";

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

/** Processor time (s) of a process by kind of thread: its main thread, V8's helpers, which mostly collect garbage, and all others. */
export interface ThreadTimes {
  readonly main: number;
  readonly helpers: number;
  /** libuv's threads and, in `oee`, those of the embedded ClickHouse. */
  readonly others: number;
}

export function threadTimesOf(pid: number): ThreadTimes {
  const times = { main: 0, helpers: 0, others: 0 };
  const nameOf = (stat: string): string => stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
  // Up to Node.js 22 they have the process's name, later one of their own.
  const helperNames = [nameOf(readFileSync(`/proc/${pid}/stat`, "utf8")), "V8Worker"];
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(") ") + 2).split(" ");
    const cpu = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    if (Number(thread) === pid) times.main += cpu;
    else if (helperNames.includes(nameOf(stat))) times.helpers += cpu;
    else times.others += cpu;
  }
  return times;
}
