/**
 * The alerts that are known, as they are looked at again and again (AL-4): what is met now and was not, what is over, and
 * what late events or corrections took back. It holds what it is given and no clock.
 */
import type { Plant } from "@oee/model";
import type { AcknowledgementEntry } from "../entries.ts";
import { type Alert, alertFrom, bySubject, byOpening, type Met } from "./alerts.ts";

/** An alert that was shown, whether it still is one or not. */
export interface KnownAlert extends Alert {
  /** Since when it was known (epoch ms): with late events, later than it opened. */
  readonly seen: number;
  /** When it turned out that the condition was not met (epoch ms); `null`: it was. */
  readonly withdrawn: number | null;
}

/** What is kept of each. */
export interface KnownMet extends Met {
  readonly seen: number;
  readonly withdrawn: number | null;
}

export class AlertBoard {
  readonly #known = new Map<string, KnownMet>();

  constructor(known: Iterable<KnownMet> = []) {
    for (const met of known) this.#known.set(met.ticket, met);
  }

  /** All that is known, by opening and ticket. */
  all(): readonly KnownMet[] {
    return byOpening(this.#known.values());
  }

  /** Those that are not over, and were not withdrawn. */
  unresolved(): readonly KnownMet[] {
    return this.all().filter(({ resolves, withdrawn }) => resolves === null && withdrawn === null);
  }

  /**
   * Takes what was met, of all for which `looked` is true: those of them that are known and were not met are withdrawn.
   * Returns what changed.
   */
  take(met: readonly Met[], looked: (known: KnownMet) => boolean, now: number): readonly KnownMet[] {
    const changed: KnownMet[] = [];
    const put = (known: KnownMet): void => {
      this.#known.set(known.ticket, known);
      changed.push(known);
    };
    const found = new Set<string>();
    for (const one of met) {
      found.add(one.ticket);
      const before = this.#known.get(one.ticket);
      const isSame =
        before !== undefined &&
        before.withdrawn === null &&
        before.opens === one.opens &&
        before.resolves === one.resolves &&
        before.reason === one.reason;
      if (!isSame) put({ ...one, seen: before?.seen ?? now, withdrawn: null });
    }
    for (const known of this.#known.values()) {
      if (known.withdrawn === null && !found.has(known.ticket) && looked(known)) put({ ...known, withdrawn: now });
    }
    return changed;
  }

  /** Lets go of those that were over, or withdrawn, before an instant. */
  forget(before: number): void {
    for (const { ticket, opens, resolves, withdrawn } of this.#known.values()) {
      const ended = withdrawn ?? resolves;
      if (ended !== null && ended < before && opens < before) this.#known.delete(ticket);
    }
  }

  /** As alerts, with what people said to them, by opening and ticket. */
  alerts(plant: Plant, acknowledgements: readonly AcknowledgementEntry[], now: number): readonly KnownAlert[] {
    const saidTo = bySubject(acknowledgements);
    return this.all().map((met) => ({
      ...alertFrom(plant, met, saidTo.get(met.ticket) ?? [], now),
      seen: met.seen,
      withdrawn: met.withdrawn,
    }));
  }
}
