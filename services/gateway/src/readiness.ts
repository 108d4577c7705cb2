/**
 * Answers `/health/ready`: whether log, store and workers can do their work now, with what each check found. It answers
 * within seconds even where one of them does not, and asks the store at most once a second however often it is requested.
 */
import { isNeeded, notRead } from "@oee/event-log";
import { inTime } from "@oee/pacing";
import type { MachinePictures } from "./live/machine-picture.ts";
import type { GatewayLimits, GatewayOptions, ReadinessCheck } from "./options.ts";

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly ReadinessCheck[];
  /** Number of records that the consumers of this process have not handled; `null`: the process has no consumers. */
  readonly lag: number | null;
  readonly newestEventAt: number | null;
}

/** At most so many machines with doubted totals are named, those with the most. */
const DOUBTED_NAMED_MAX = 10;
const STORE_ANSWER_MS_MAX = 2_000;
const STORE_ASKED_EVERY_MS = 1_000;

export class ReadinessProbe {
  readonly #options: GatewayOptions;
  readonly #limits: GatewayLimits;
  readonly #pictures: MachinePictures;
  readonly #auditLost: () => string | null;
  #store: Promise<ReadinessCheck> | null = null;
  #storeAskedAt = 0;

  /** `auditLost`: why the audit cannot be written; `null`: it can. */
  constructor(
    options: GatewayOptions,
    limits: GatewayLimits,
    pictures: MachinePictures,
    auditLost: () => string | null,
  ) {
    this.#auditLost = auditLost;
    this.#options = options;
    this.#limits = limits;
    this.#pictures = pictures;
  }

  async look(): Promise<Readiness> {
    const { log, topics, readiness, readOnly } = this.#options;
    const status = log.describe();
    const needed = status.unread.filter(({ topic }) => isNeeded(topics, topic));
    const consumed = status.partitions.filter(({ groupId }) => groupId !== null);
    const lag = consumed.length === 0 ? null : consumed.reduce((sum, partition) => sum + partition.lag, 0);
    const checks: ReadinessCheck[] = [
      await this.#storeCheck(),
      {
        name: "log",
        ok: status.state === "connected" && needed.length === 0,
        detail: [
          status.lastError === null ? status.state : `${status.state}: ${status.lastError.message}`,
          ...notRead(status.unread),
        ].join("; "),
      },
      {
        name: "lag",
        ok: (lag ?? 0) <= this.#limits.lagMax,
        detail: lag === null ? "no consumer here" : `${lag} records`,
      },
      this.#workersCheck(),
      this.#doubtsCheck(),
      this.#clockCheck(),
      // Always `ok`: figures are right without the audit, so this is no reason to take the gateway out of service.
      ...(readOnly === true ? [] : [{ name: "audit", ok: true, detail: this.#auditLost() ?? "can be written" }]),
      ...(readiness?.() ?? []),
    ];
    return { ready: checks.every(({ ok }) => ok), checks, lag, newestEventAt: this.#pictures.newestEventAt };
  }

  /** Workers send live records of all their machines: where all records are overdue, no worker is at work. */
  #workersCheck(): ReadinessCheck {
    const { known, stale } = this.#pictures.count();
    return {
      name: "live",
      ok: known === 0 || stale < known,
      detail: `${known - stale} machines spoken of by workers, ${stale} no longer`,
    };
  }

  /** Doubted totals are the fault of a counter or a setting, and no reason to take the gateway out of service (CN-8): always `ok`. */
  #doubtsCheck(): ReadinessCheck {
    const { machines, named } = this.#pictures.doubted(DOUBTED_NAMED_MAX);
    const more = machines > named.length ? ` and ${machines - named.length} machines more` : "";
    const which = named.map(({ machine, doubts }) => `${machine} ${doubts}`).join(", ");
    const detail = machines === 0 ? "none" : `they count nothing, see maxRatePerHour: ${which}${more}`;
    return { name: "doubted totals", ok: true, detail };
  }

  /** Events further ahead of the clock than the limit are refused, so one that was taken tells of a clock that was set back, or ahead elsewhere: always `ok`. */
  #clockCheck(): ReadinessCheck {
    const newest = this.#pictures.newestEventAt;
    const isBehind = newest !== null && newest > this.#options.clock() + this.#limits.maxFutureMs;
    const detail = isBehind
      ? `behind: an event of ${new Date(newest).toISOString()} was taken, and others ahead of the clock are refused`
      : "not behind the events";
    return { name: "clock", ok: true, detail };
  }

  async #storeCheck(): Promise<ReadinessCheck> {
    const now = performance.now();
    if (this.#store === null || now - this.#storeAskedAt >= STORE_ASKED_EVERY_MS) {
      this.#storeAskedAt = now;
      this.#store = this.#askStore();
    }
    return this.#store;
  }

  async #askStore(): Promise<ReadinessCheck> {
    const name = "store";
    const answered = this.#options.store.ping().then(
      (): ReadinessCheck => ({ name, ok: true, detail: "answers" }),
      (error: unknown): ReadinessCheck => ({
        name,
        ok: false,
        detail: error instanceof Error ? error.message : String(error),
      }),
    );
    return inTime(answered, STORE_ANSWER_MS_MAX, () => {
      return { name, ok: false, detail: `no answer within ${STORE_ANSWER_MS_MAX} ms` };
    });
  }
}
