/**
 * The alerts that are known (AL-4). Each look at the facts tells it which conditions are met: it adds new alerts, changes
 * those that resolved, and withdraws those that late events or corrections took back. It knows no clock.
 */
import type { Plant } from "@oee/model";
import type { AcknowledgementEntry } from "../entries.ts";
import { type Alert, alertFrom, bySubject, byOpening, type Met } from "./alerts.ts";

/** An alert that was found once, also when it was withdrawn since. */
export interface KnownAlert extends Alert {
  /** When a look first found it (epoch ms): where its events came late, later than it opened. */
  readonly seen: number;
  /** When a look first found that its condition was not met after all (epoch ms); `null`: not withdrawn. */
  readonly withdrawn: number | null;
}

/** What the board keeps of an alert; the fields are those of `KnownAlert`. */
export interface KnownMet extends Met {
  readonly seen: number;
  readonly withdrawn: number | null;
}

export class AlertBoard {
  readonly #known = new Map<string, KnownMet>();

  constructor(known: Iterable<KnownMet> = []) {
    for (const met of known) this.#known.set(met.ticket, met);
  }

  /** All known alerts, in order of opening and ticket. */
  all(): readonly KnownMet[] {
    return byOpening(this.#known.values());
  }

  /** The alerts that are neither resolved nor withdrawn. */
  unresolved(): readonly KnownMet[] {
    return this.all().filter(({ resolves, withdrawn }) => resolves === null && withdrawn === null);
  }

  /**
   * Takes the conditions that a look found met. A known alert that it did not find is withdrawn if `looked` says that the
   * look would have found it. Returns the alerts that changed.
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

  /** Drops the alerts that opened, and were resolved or withdrawn, before an instant (epoch ms). */
  forget(before: number): void {
    for (const { ticket, opens, resolves, withdrawn } of this.#known.values()) {
      const ended = withdrawn ?? resolves;
      if (ended !== null && ended < before && opens < before) this.#known.delete(ticket);
    }
  }

  /** The known alerts with the acknowledgements of people, in order of opening and ticket. */
  alerts(plant: Plant, acknowledgements: readonly AcknowledgementEntry[], now: number): readonly KnownAlert[] {
    const saidTo = bySubject(acknowledgements);
    return this.all().map((met) => ({
      ...alertFrom(plant, met, saidTo.get(met.ticket) ?? [], now),
      seen: met.seen,
      withdrawn: met.withdrawn,
    }));
  }
}
