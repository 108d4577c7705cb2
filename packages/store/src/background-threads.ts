/**
 * ClickHouse in this process has threads of its own for merging and for its queries. They run at a lower priority: where the
 * processor is short, what is on a screen comes before them. Linux only; elsewhere nothing happens. ClickHouse's own setting
 * for it (`os_threads_nice_value_query`) wants the priority back afterwards, which only root may.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setPriority } from "node:os";

const TASKS = "/proc/self/task";
const NICE = 10;
/** As ClickHouse names them; the others are Node.js's. */
const NAMES = /^(?:MergeMutate|ThreadPool|BgSchPool|MemoryWorker|PoolDelayExec)/;
const LOOKED_FOR_EVERY_MS = 1_000;

/** To be called after statements, with which more of them come: lowers the priority of the new ones. */
export function backgroundThreads(): () => void {
  let known: ReadonlySet<string> = new Set();
  let lookedAt = -Infinity;
  return () => {
    const now = performance.now();
    if (process.platform !== "linux" || now - lookedAt < LOOKED_FOR_EVERY_MS) return;
    lookedAt = now;
    try {
      const tasks = readdirSync(TASKS);
      for (const task of tasks) if (!known.has(task) && isBackground(task)) setPriority(Number(task), NICE);
      known = new Set(tasks);
    } catch {
      // A thread ended meanwhile, or a container forbids it: the next statement tries again.
    }
  };
}

function isBackground(task: string): boolean {
  return NAMES.test(readFileSync(`${TASKS}/${task}/comm`, "utf8"));
}
