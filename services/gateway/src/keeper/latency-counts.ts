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

/** Counts of one machine, by hop and bucket. */
type OfMachine = Map<number, LatencyCount & { count: number }>;

/** More buckets than any duration has. */
const BUCKETS_MAX = 1_024;

/** What most durations (ms) are in, looked up. */
const BUCKETS = Uint8Array.from({ length: 10_001 }, (_, durationMs) => bucketOf(durationMs));

export class LatencyCounts {
  readonly #plant: () => Plant;
  /** By hour (epoch ms) and machine. */
  #waiting = new Map<number, Map<string, OfMachine>>();
  #waitingCount = 0;
  /** Counts by bucket, by scope and hop that a rule names, and minute of arrival (epoch ms). */
  readonly #minutes = new Map<string, Map<number, Buckets>>();
  /** By machine, when the newest counted event reached the log (epoch ms), to recognise a record that repeats it. */
  readonly #counted = new Map<string, number>();

  constructor(plant: () => Plant) {
    this.#plant = plant;
  }

  /** Counts the first three hops of a live record's newest event; an event that a later record repeats counts once. */
  received({ machine, latency }: LiveRecord, receivedAt: number): void {
    if (latency === null || this.#counted.get(machine) === latency.loggedAt) return;
    this.#counted.set(machine, latency.loggedAt);
    const { eventAt, loggedAt, computedAt } = latency;
    const counts = this.#of(machine, receivedAt);
    this.#add(counts, machine, "log", loggedAt - eventAt, receivedAt);
    this.#add(counts, machine, "compute", computedAt - loggedAt, receivedAt);
    this.#add(counts, machine, "gateway", receivedAt - computedAt, receivedAt);
  }

  /** Counts the hop to a screen, and the whole way there. */
  emitted(machine: string, emitMs: number, totalMs: number, emittedAt: number): void {
    const counts = this.#of(machine, emittedAt);
    this.#add(counts, machine, "emit", emitMs, emittedAt);
    this.#add(counts, machine, "total", totalMs, emittedAt);
  }

  /** Takes the counts that wait to be stored; they are not kept here any more. */
  take(): readonly LatencyCount[] {
    const counts: LatencyCount[] = [];
    for (const machines of this.#waiting.values()) {
      for (const ofMachine of machines.values()) counts.push(...ofMachine.values());
    }
    this.#waiting = new Map();
    this.#waitingCount = 0;
    return counts;
  }

  /** The 95th percentile (ms) of a scope and hop that a rule names, in a minute; `null`: no event arrived in it. */
  p95(scope: Scope, hop: Hop, minute: number): number | null {
    const buckets = this.#minutes.get(`${scope.path} ${hop}`)?.get(minute);
    return buckets === undefined ? null : percentileOf(buckets, 95);
  }

  #of(machine: string, at: number): OfMachine {
    const hour = hourOf(at);
    let machines = this.#waiting.get(hour);
    if (machines === undefined) this.#waiting.set(hour, (machines = new Map()));
    let counts = machines.get(machine);
    if (counts === undefined) machines.set(machine, (counts = new Map()));
    return counts;
  }

  #add(counts: OfMachine, machine: string, hop: Hop, durationMs: number, at: number): void {
    const bucket = BUCKETS[Math.ceil(Math.max(0, durationMs))] ?? bucketOf(durationMs);
    const key = HOPS.indexOf(hop) * BUCKETS_MAX + bucket;
    const known = counts.get(key);
    if (known !== undefined) known.count++;
    else if (this.#waitingCount < WAITING_MAX) {
      this.#waitingCount++;
      counts.set(key, { machine, hop, hour: hourOf(at), bucket, count: 1 });
    }
    for (const scope of scopesOf(this.#plant(), machine, hop)) {
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
}

function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}

const lateRules = new WeakMap<Plant, readonly AlertRule[]>();

/** The scopes of those rules of the kind `late` that judge a machine's hop. */
function scopesOf(plant: Plant, machine: string, hop: Hop): readonly string[] {
  let rules = lateRules.get(plant);
  if (rules === undefined) {
    rules = plant.alerts.filter(({ condition }) => condition.kind === "late");
    lateRules.set(plant, rules);
  }
  if (rules.length === 0) return [];
  const path = machinePath(plant, machine);
  const own = rules.filter(
    ({ scope, condition }) => condition.kind === "late" && condition.hop === hop && isInScope(path, scope),
  );
  return [...new Set(own.map(({ scope }) => scope))];
}
