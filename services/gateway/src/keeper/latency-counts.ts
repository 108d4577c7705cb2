/**
 * Latencies as counts by machine, hop, hour of arrival and bucket (SC-3), kept until the keeper stores them; and, for scopes
 * and hops that a rule of the kind `late` names (AL-1), by minute of arrival.
 */
import { isInScope, type AlertRule, type Hop, HOPS, type Plant, type Scope, machinePath } from "@oee/model";
import type { LiveRecord } from "@oee/protocol";
import { bucketOf, percentileOf } from "@oee/review";
import type { LatencyCount } from "@oee/store";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Minutes that are kept for each scope and hop: 26 hours, as far as looks go back. */
const MINUTES_MAX = 26 * 60;
/** Most counts that wait to be stored; further ones are dropped. */
const WAITING_MAX = 500_000;

type Buckets = Map<number, number>;

/** What is counted of one machine. */
export interface MachineLatencies {
  readonly machine: string;
  /** When the newest counted event reached the log (epoch ms), to recognise a record that repeats it. */
  loggedAt: number;
  /** The hour (epoch ms) that `counts` are of. */
  hour: number;
  /** By hop and bucket, of those that wait to be stored. */
  counts: Map<number, LatencyCount & { count: number }>;
}

/** More buckets than any duration has. */
const BUCKETS_MAX = 1_024;

const [LOG, COMPUTE, GATEWAY, EMIT, TOTAL] = (["log", "compute", "gateway", "emit", "total"] as const).map((hop) =>
  HOPS.indexOf(hop),
) as [number, number, number, number, number];

/** What most durations (ms) are in, looked up. */
const BUCKETS = Uint8Array.from({ length: 10_001 }, (_, durationMs) => bucketOf(durationMs));

export class LatencyCounts {
  readonly #plant: () => Plant;
  #waiting: LatencyCount[] = [];
  /** Counts by bucket, by scope and hop that a rule names, and minute of arrival (epoch ms). */
  readonly #minutes = new Map<string, Map<number, Buckets>>();
  readonly #machines = new Map<string, MachineLatencies>();
  /** Of `#ruled`, those of the kind `late`. */
  #late: readonly AlertRule[] = [];
  #ruled: Plant | null = null;

  constructor(plant: () => Plant) {
    this.#plant = plant;
  }

  /** What is counted of a machine, for `received` and `emitted`. */
  of(machine: string): MachineLatencies {
    let of = this.#machines.get(machine);
    if (of === undefined) {
      of = { machine, loggedAt: Number.NaN, hour: Number.NaN, counts: new Map() };
      this.#machines.set(machine, of);
    }
    return of;
  }

  /** Counts the first three hops of a live record's newest event; an event that a later record repeats counts once. */
  received(of: MachineLatencies, { latency }: LiveRecord, receivedAt: number): void {
    if (latency === null || of.loggedAt === latency.loggedAt) return;
    const { eventAt, loggedAt, computedAt } = latency;
    of.loggedAt = loggedAt;
    this.#begin(of, receivedAt);
    this.#add(of, LOG, loggedAt - eventAt, receivedAt);
    this.#add(of, COMPUTE, computedAt - loggedAt, receivedAt);
    this.#add(of, GATEWAY, receivedAt - computedAt, receivedAt);
  }

  /** Counts the hop to a screen, and the whole way there. */
  emitted(of: MachineLatencies, emitMs: number, totalMs: number, emittedAt: number): void {
    this.#begin(of, emittedAt);
    this.#add(of, EMIT, emitMs, emittedAt);
    this.#add(of, TOTAL, totalMs, emittedAt);
  }

  /** Takes the counts that wait to be stored; they are not kept here any more. */
  take(): readonly LatencyCount[] {
    const counts = this.#waiting;
    this.#waiting = [];
    for (const of of this.#machines.values()) of.counts.clear();
    return counts;
  }

  /** The 95th percentile (ms) of a scope and hop that a rule names, in a minute; `null`: no event arrived in it. */
  p95(scope: Scope, hop: Hop, minute: number): number | null {
    const buckets = this.#minutes.get(`${scope.path} ${hop}`)?.get(minute);
    return buckets === undefined ? null : percentileOf(buckets, 95);
  }

  /** Before something is counted at an instant (epoch ms): counts of another hour wait on their own. */
  #begin(of: MachineLatencies, at: number): void {
    const plant = this.#plant();
    if (plant !== this.#ruled) {
      this.#ruled = plant;
      this.#late = plant.alerts.filter(({ condition }) => condition.kind === "late");
    }
    const hour = hourOf(at);
    if (hour === of.hour) return;
    of.hour = hour;
    of.counts.clear();
  }

  #add(of: MachineLatencies, hop: number, durationMs: number, at: number): void {
    const bucket = BUCKETS[Math.ceil(Math.max(0, durationMs))] ?? bucketOf(durationMs);
    const key = hop * BUCKETS_MAX + bucket;
    const known = of.counts.get(key);
    if (known !== undefined) known.count++;
    else if (this.#waiting.length < WAITING_MAX) {
      const { machine, hour } = of;
      const count = { machine, hop: HOPS[hop] as Hop, hour, bucket, count: 1 };
      of.counts.set(key, count);
      this.#waiting.push(count);
    }
    if (this.#late.length > 0) this.#countMinute(of.machine, HOPS[hop] as Hop, bucket, at);
  }

  #countMinute(machine: string, hop: Hop, bucket: number, at: number): void {
    for (const scope of this.#scopesOf(machine, hop)) {
      const of = `${scope} ${hop}`;
      let minutes = this.#minutes.get(of);
      if (minutes === undefined) this.#minutes.set(of, (minutes = new Map()));
      const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
      let buckets = minutes.get(minute);
      if (buckets === undefined) {
        minutes.set(minute, (buckets = new Map()));
        const [oldest] = minutes.keys();
        if (minutes.size > MINUTES_MAX && oldest !== undefined) minutes.delete(oldest);
      }
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
    }
  }

  /** The scopes of those rules of the kind `late` that judge a machine's hop. */
  #scopesOf(machine: string, hop: Hop): ReadonlySet<string> {
    const path = machinePath(this.#plant(), machine);
    const own = this.#late.filter(
      ({ scope, condition }) => condition.kind === "late" && condition.hop === hop && isInScope(path, scope),
    );
    return new Set(own.map(({ scope }) => scope));
  }
}

function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}
