/**
 * Measures how long events took from the machine to a screen, hop by hop, for events that a screen showed. A live record has
 * the instants of its newest event; the gateway adds when it received the record and when it first sent it on. Clocks of
 * different machines differ, so a hop may be negative.
 */
import { HOPS, type Hop } from "@oee/model";
import { type LiveRecord, Sample } from "@oee/protocol";
import type { LatencyCounts, MachineLatencies } from "../keeper/latency-counts.ts";
import { type GatewayMetrics, QUANTILES } from "../metrics.ts";

/** Instants of the newest event of a machine (epoch ms). */
interface Measured {
  readonly counts: MachineLatencies;
  eventAt: number;
  loggedAt: number;
  computedAt: number;
  receivedAt: number;
  /** Whether the event has not been sent to a screen yet. */
  underway: boolean;
}

export type HopPercentiles = Readonly<
  Record<Hop, { readonly count: number; readonly quantiles: Readonly<Record<string, number | null>> }>
>;

const SAMPLED_IN_TENTH_MAX = 20;

export class LatencyMeter {
  readonly #metric: GatewayMetrics["latency"];
  readonly #measured = new Map<string, Measured>();
  readonly #sample = new Sample(SAMPLED_IN_TENTH_MAX);
  readonly #counts: LatencyCounts;

  constructor(metric: GatewayMetrics["latency"], counts: LatencyCounts) {
    this.#metric = metric;
    this.#counts = counts;
  }

  received(record: LiveRecord, receivedAt: number): void {
    const { machine, latency } = record;
    if (latency === null) return;
    const { eventAt, loggedAt, computedAt } = latency;
    const measured = this.#measured.get(machine);
    const counts = measured === undefined ? this.#counts.of(machine) : measured.counts;
    this.#counts.received(counts, record, receivedAt);
    if (measured === undefined) {
      this.#measured.set(machine, { counts, eventAt, loggedAt, computedAt, receivedAt, underway: true });
      return;
    }
    if (measured.eventAt === eventAt && measured.loggedAt === loggedAt) return;
    measured.eventAt = eventAt;
    measured.loggedAt = loggedAt;
    measured.computedAt = computedAt;
    measured.receivedAt = receivedAt;
    measured.underway = true;
  }

  /** Notes that a machine's newest record was sent to a screen; only the first time counts. */
  emitted(machine: string, emittedAt: number): void {
    const measured = this.#measured.get(machine);
    if (measured === undefined || !measured.underway) return;
    measured.underway = false;
    this.#counts.emitted(measured.counts, emittedAt - measured.receivedAt, emittedAt - measured.eventAt, emittedAt);
    if (!this.#sample.takes(emittedAt)) return;
    // All hops are taken from the same event, so that they add up to the total.
    const { eventAt, loggedAt, computedAt, receivedAt } = measured;
    this.#observe("log", loggedAt - eventAt);
    this.#observe("compute", computedAt - loggedAt);
    this.#observe("gateway", receivedAt - computedAt);
    this.#observe("emit", emittedAt - receivedAt);
    this.#observe("total", emittedAt - eventAt);
  }

  /** Percentiles of each hop in ms; `null` where nothing was measured in the last minutes. */
  async percentiles(): Promise<HopPercentiles> {
    const { values } = await this.#metric.get();
    const hop = (name: Hop): HopPercentiles[Hop] => {
      const own = values.filter(({ labels }) => labels.hop === name);
      const count = own.find(({ metricName }) => metricName?.endsWith("_count"))?.value ?? 0;
      const quantiles = QUANTILES.map((quantile): [string, number | null] => {
        const seconds = own.find(
          ({ labels }) => Number((labels as { quantile?: number }).quantile) === quantile,
        )?.value;
        const known = seconds !== undefined && Number.isFinite(seconds) && count > 0;
        return [String(quantile), known ? Math.round(seconds * 1e6) / 1e3 : null];
      });
      return { count, quantiles: Object.fromEntries(quantiles) };
    };
    return Object.fromEntries(HOPS.map((name) => [name, hop(name)])) as HopPercentiles;
  }

  #observe(hop: Hop, durationMs: number): void {
    this.#metric.observe({ hop }, durationMs / 1000);
  }
}
