/** What a worker says of itself for `/health/ready`. */
import type { OwnedPartition } from "./partition.ts";

export interface WorkerStatus {
  readonly ready: boolean;
  /** Why not, in a sentence; empty when ready. */
  readonly reason: string;
  readonly partitions: number;
  readonly machines: number;
  /** Records not read yet. */
  readonly lag: number;
  readonly waitingEvents: number;
  /** The newest event's own time, or `null` before the first. */
  readonly newestEventAt: number | null;
  readonly recomputing: number;
  /** Machines whose older time is being computed, or waits for it, or for the store. */
  readonly toRecompute: number;
  /** Machines of which something is not computed or not stored, with what and why; the first of them. */
  readonly setAside: readonly string[];
  readonly machinesSetAside: number;
  /** What works, but should be looked at: sentences with what to do. */
  readonly notes: readonly string[];
}

/** Readiness names at most this many machines; `machinesSetAside` counts all. */
const SET_ASIDE_NAMED_MAX = 20;

/** The part of a status that the partitions say, and the first one's reason why it stopped reading. */
export function statusOf(
  owned: Iterable<OwnedPartition>,
  now: number,
): Omit<WorkerStatus, "ready" | "reason" | "waitingEvents" | "notes"> & { readonly stopped: string | null } {
  let partitions = 0;
  let machines = 0;
  let lag = 0;
  let stopped: string | null = null;
  let newest = -Infinity;
  let toRecompute = 0;
  let machinesSetAside = 0;
  const setAside: string[] = [];
  for (const each of owned) {
    partitions++;
    machines += each.runners.size;
    lag += each.lag;
    stopped ??= each.stopped;
    for (const runner of each.runners.values()) {
      newest = Math.max(newest, runner.engine.lastEventAt);
      if (runner.recompute.isWanted || each.isBehind(runner, now)) toRecompute++;
      const aside = runner.setAside;
      if (aside === null) continue;
      machinesSetAside++;
      if (setAside.length < SET_ASIDE_NAMED_MAX) setAside.push(`${runner.id}: ${aside}`);
    }
  }
  const newestEventAt = Number.isFinite(newest) ? newest : null;
  return {
    ...{ partitions, machines, lag, stopped, newestEventAt },
    ...{ recomputing: toRecompute, toRecompute, setAside, machinesSetAside },
  };
}

/** What readiness says while stored rows of some machines may still be wrong. */
export function recomputeNotes(machines: number): readonly string[] {
  if (machines === 0) return [];
  return [`older figures of ${machines === 1 ? "1 machine" : `${machines} machines`} are being computed`];
}

/** What readiness says of a clock by which the newest event (epoch ms), which was taken, would be refused: `latest` is the latest allowed. */
export function clockNotes(newestEventAt: number | null, latest: number): readonly string[] {
  if (newestEventAt === null || newestEventAt <= latest) return [];
  const at = new Date(newestEventAt).toISOString();
  return [`the clock is behind: an event of ${at} was taken, and others ahead of the clock become dead letters`];
}
