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

export class LatencyCounts {
  readonly #plant: () => Plant;
  #waiting = new Map<string, LatencyCount & { count: number }>();
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
    this.#add(machine, "log", loggedAt - eventAt, receivedAt);
    this.#add(machine, "compute", computedAt - loggedAt, receivedAt);
    this.#add(machine, "gateway", receivedAt - computedAt, receivedAt);
  }

  /** Counts the hop to a screen, and the whole way there. */
  emitted(machine: string, emitMs: number, totalMs: number, emittedAt: number): void {
    this.#add(machine, "emit", emitMs, emittedAt);
    this.#add(machine, "total", totalMs, emittedAt);
  }

  /** Takes the counts that wait to be stored; they are not kept here any more. */
  take(): readonly LatencyCount[] {
    const counts = [...this.#waiting.values()];
    this.#waiting = new Map();
    return counts;
  }

  /** The 95th percentile (ms) of a scope and hop that a rule names, in a minute; `null`: no event arrived in it. */
  p95(scope: Scope, hop: Hop, minute: number): number | null {
    const buckets = this.#minutes.get(`${scope.path} ${hop}`)?.get(minute);
    return buckets === undefined ? null : percentileOf(buckets, 95);
  }

  #add(machine: string, hop: Hop, durationMs: number, at: number): void {
    const bucket = bucketOf(durationMs);
    const hour = Math.floor(at / HOUR_MS) * HOUR_MS;
    const key = `${machine} ${HOPS.indexOf(hop)} ${hour} ${bucket}`;
    const known = this.#waiting.get(key);
    if (known !== undefined) known.count++;
    else if (this.#waiting.size < WAITING_MAX) this.#waiting.set(key, { machine, hop, hour, bucket, count: 1 });
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
