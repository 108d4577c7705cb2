/**
 * Has the store sum the minute rows of days that are over, the newest days first and some at a time, so that a question about
 * a quarter reads days and not minutes. Several gateways may do so: they write the same sums.
 */
import type { Machine, Plant, Zone } from "@oee/model";
import type { Turnstile } from "@oee/pacing";
import { dayStartsIn } from "../answers/local-days.ts";
import type { GatewayOptions } from "../options.ts";

const DAY_MS = 86_400_000;
/** How far back days are summed: a review compares a quarter with the one before and with a baseline. */
const BACK_MS = 500 * DAY_MS;
/** Machines × days in one statement, which takes ClickHouse some hundred milliseconds. */
const AT_ONCE = 2_000;
/** How often it looks for days that are not summed yet. */
const LOOK_EVERY_MS = 10 * 60_000;
/** The pause after a statement, as a multiple of its time: summing takes at most a fifth of the time. */
const PAUSE_FACTOR = 4;

export class DaySums {
  readonly #options: Pick<GatewayOptions, "store" | "plant" | "clock" | "logger">;
  readonly #turnstile: Turnstile;
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: Pick<GatewayOptions, "store" | "plant" | "clock" | "logger">, turnstile: Turnstile) {
    this.#options = options;
    this.#turnstile = turnstile;
  }

  start(): void {
    this.#wait(LOOK_EVERY_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#turn;
  }

  /** Sums some days; returns how many machines × days, 0 when no day lacks its sum. */
  async sumSome(): Promise<number> {
    const { store, plant, clock } = this.#options;
    const now = clock();
    for (const { timezone, dayStartMinute, machines } of groupsOf(plant().plant)) {
      const days = dayStartsIn(timezone, dayStartMinute, { from: Math.max(0, now - BACK_MS), to: now });
      const ids = machines.map(({ id }) => id);
      const summed = await this.#turnstile.run(() => store.sumDays({ machines: ids, days }, AT_ONCE));
      if (summed > 0) return summed;
    }
    return 0;
  }

  #wait(ms: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => (this.#turn = this.#sum()), ms);
    this.#timer.unref();
  }

  async #sum(): Promise<void> {
    const began = performance.now();
    let summed = 0;
    try {
      summed = await this.sumSome();
    } catch (error) {
      if (!this.#closed) this.#options.logger.warn({ err: error }, "days were not summed; they are again");
    }
    this.#wait(summed === 0 ? LOOK_EVERY_MS : (performance.now() - began) * PAUSE_FACTOR);
  }
}

interface Group {
  readonly timezone: Zone;
  readonly dayStartMinute: number;
  readonly machines: Machine[];
}

/** Groups of machines whose days begin at the same instants: at midnight, for dates of entries, and as the plant file says, for named periods. */
function groupsOf(plant: Plant): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const machine of plant.machines) {
    const minute = plant.scopes.get(machine.site)?.periods.dayStartMinute ?? 0;
    for (const dayStartMinute of new Set([0, minute])) {
      const { timezone } = machine;
      const key = `${timezone.name} ${dayStartMinute}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { timezone, dayStartMinute, machines: [machine] });
      else group.machines.push(machine);
    }
  }
  return groups.values();
}
