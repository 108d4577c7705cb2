/**
 * Compares the machines that connections name with those that the receiver knows: declared and seen, declared and
 * silent, and refused because the receiver's plant file lacks them (SC-1; of the events that went through this
 * connector in the last 24 hours).
 */
import type { RefusedDelivery } from "./delivery.ts";
import type { WaitingEvent } from "./outbox.ts";

export interface AssetsStatus {
  /** Machines of connections of which an event was accepted. */
  readonly seen: readonly string[];
  /** Those of which none was. */
  readonly silent: readonly string[];
  /** Those whose events are refused, for the plant file does not declare them. */
  readonly undeclared: readonly string[];
  /** The seen of all; `null`: there are none. */
  readonly visibility: number | null;
}

const DAY_MS = 86_400_000;
const UNKNOWN_MACHINE = "unknown-machine";

export class Assets {
  /** The newest instant of an accepted event (epoch ms). */
  readonly #seenAt = new Map<string, number>();
  /** The newest instant of an event that was refused because its machine is unknown (epoch ms). */
  readonly #unknownAt = new Map<string, number>();

  delivered(events: readonly Pick<WaitingEvent, "key" | "json">[], refused: readonly RefusedDelivery[]): void {
    const refusals = new Map(refused.map(({ json, code }) => [json, code]));
    for (const { key, json } of events) {
      const code = refusals.get(json);
      if (code !== undefined && code !== UNKNOWN_MACHINE) continue;
      const known = code === undefined ? this.#seenAt : this.#unknownAt;
      const [machine] = key;
      known.set(machine, Math.max(known.get(machine) ?? 0, instantIn(json)));
      // The plant file has it by now.
      if (code === undefined) this.#unknownAt.delete(machine);
    }
  }

  /** `machines`: of all connections. */
  status(machines: readonly string[], now: number): AssetsStatus {
    const isRecent = (at: number | undefined): boolean => at !== undefined && at >= now - DAY_MS && at < now;
    const undeclared = machines.filter((machine) => isRecent(this.#unknownAt.get(machine)));
    const declared = machines.filter((machine) => !undeclared.includes(machine));
    const seen = declared.filter((machine) => isRecent(this.#seenAt.get(machine)));
    const silent = declared.filter((machine) => !seen.includes(machine));
    return { seen, silent, undeclared, visibility: machines.length === 0 ? null : seen.length / machines.length };
  }
}

/** Our own events have it so; the first place is the field, for a machine's id before it has no quotation marks. */
function instantIn(json: string): number {
  const start = json.indexOf('"at":"') + 6;
  return Date.parse(json.slice(start, json.indexOf('"', start)));
}
