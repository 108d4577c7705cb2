/**
 * The live record of one machine: one object that the worker updates in place, because most records are replaced before
 * anybody looks. Whoever keeps the object sees the newest values; its JSON is a copy of the moment.
 */
import { type Category, type Machine, ROW_LAYOUT } from "@oee/model";
import type { LiveRecord, LiveRecordWindow } from "@oee/protocol";

export class MachineLive implements LiveRecord {
  readonly kind = "machine";
  readonly machine: string;
  readonly plantVersion: string;
  readonly layout: string = ROW_LAYOUT;
  readonly decimals: number;
  now = 0;
  nextWithinMs = 0;
  state = "unknown";
  category: Category = "unknown";
  failure = false;
  minor: boolean | null = null;
  reason: string | null = null;
  since: number | null = null;
  lastEventAt: number | null = null;
  part: NonNullable<LiveRecord["part"]> | null = null;
  product: string | null = null;
  order: string | null = null;
  idealCycleUs: number | null = null;
  taktUs: number | null = null;
  scheduled = false;
  corrections: readonly string[] = [];
  recomputing = false;
  doubts = 0;
  latency: { eventAt: number; loggedAt: number; computedAt: number } | null = null;
  readonly #windowsOf: () => readonly LiveRecordWindow[];

  constructor({ id, decimals }: Machine, plantVersion: string, windowsOf: () => readonly LiveRecordWindow[]) {
    this.machine = id;
    this.decimals = decimals;
    this.plantVersion = plantVersion;
    this.#windowsOf = windowsOf;
  }

  /** Computed at each read, because most machines are on no screen most of the time. A read also moves the windows on to the engine's time. */
  get windows(): readonly LiveRecordWindow[] {
    return this.#windowsOf();
  }

  toJSON(): LiveRecord {
    const { windows } = this;
    // A gateway of release 0.1.0 would take smallest units for units: it finds no windows, and shows none.
    return Object.assign({}, this, this.decimals === 0 ? { windows } : { windows: [], fineWindows: windows });
  }
}
