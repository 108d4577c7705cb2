/**
 * Has the store sum days that are over, the newest first and some at a time, so that nobody who asks for a quarter waits for
 * its minutes to be read. Several gateways may do so: they make the same sums.
 */
import type { Machine, Plant, Zone } from "@oee/model";
import type { Turnstile } from "@oee/pacing";
import { dayStartsIn } from "../answers/local-days.ts";
import type { GatewayOptions } from "../options.ts";

const DAY_MS = 86_400_000;
/** A review compares a quarter with the one before and with a baseline. */
const BACK_MS = 500 * DAY_MS;
/** Machines × days in one go: some hundred milliseconds of ClickHouse. */
const AT_ONCE = 2_000;
/** How often it is looked whether days lack. */
const LOOK_EVERY_MS = 10 * 60_000;
/** Summing takes at most so much of the time. */
const SHARE = 5;

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

  /** Sums some; answers how many machines × days. */
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
    this.#wait(summed === 0 ? LOOK_EVERY_MS : (performance.now() - began) * (SHARE - 1));
  }
}

interface Group {
  readonly timezone: Zone;
  readonly dayStartMinute: number;
  readonly machines: Machine[];
}

/** Machines whose days begin at the same instants; dates of entries begin at midnight, named periods as the plant file has it. */
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
