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

/** As it is written to disk. */
interface Kept {
  readonly seenAt: Readonly<Record<string, number>>;
  readonly unknownAt: Readonly<Record<string, number>>;
}

export class Assets {
  /** The newest instant of an accepted event (epoch ms). */
  readonly #seenAt: Map<string, number>;
  /** The newest instant of an event that was refused because its machine is unknown (epoch ms). */
  readonly #unknownAt: Map<string, number>;

  /** `kept`: the text that `kept` had before a restart; `null`: it is the first start. */
  constructor(kept: string | null = null) {
    const { seenAt, unknownAt } = kept === null ? { seenAt: {}, unknownAt: {} } : (JSON.parse(kept) as Kept);
    this.#seenAt = new Map(Object.entries(seenAt));
    this.#unknownAt = new Map(Object.entries(unknownAt));
  }

  /** What a restart goes on with. */
  get kept(): string {
    const kept: Kept = {
      seenAt: Object.fromEntries(this.#seenAt),
      unknownAt: Object.fromEntries(this.#unknownAt),
    };
    return JSON.stringify(kept);
  }

  delivered(events: readonly Pick<WaitingEvent, "key" | "json">[], refused: readonly RefusedDelivery[]): void {
    const refusals = new Map(refused.map(({ json, code }) => [json, code]));
    // Texts of instants as we write them are in the order of their instants, so that only the newest is read.
    const [seen, unknown] = [new Map<string, string>(), new Map<string, string>()];
    for (const { key, json } of events) {
      const code = refusals.size === 0 ? undefined : refusals.get(json);
      if (code !== undefined && code !== UNKNOWN_MACHINE) continue;
      const newest = code === undefined ? seen : unknown;
      const [machine] = key;
      const text = instantTextIn(json);
      if (text > (newest.get(machine) ?? "")) newest.set(machine, text);
    }
    note(unknown, this.#unknownAt);
    note(seen, this.#seenAt);
    // Seen after they were refused: the plant file has been given them.
    for (const machine of seen.keys()) this.#unknownAt.delete(machine);
  }

  /** `machines`: of all connections. */
  status(machines: readonly string[], now: number): AssetsStatus {
    const isRecent = (at: number | undefined): boolean => at !== undefined && at >= now - DAY_MS && at < now;
    const undeclared = machines.filter((machine) => isRecent(this.#unknownAt.get(machine)));
    const [seen, silent]: [string[], string[]] = [[], []];
    for (const machine of machines) {
      if (isRecent(this.#unknownAt.get(machine))) continue;
      (isRecent(this.#seenAt.get(machine)) ? seen : silent).push(machine);
    }
    return { seen, silent, undeclared, visibility: machines.length === 0 ? null : seen.length / machines.length };
  }
}

function note(texts: ReadonlyMap<string, string>, known: Map<string, number>): void {
  for (const [machine, text] of texts) known.set(machine, Math.max(known.get(machine) ?? 0, Date.parse(text)));
}

/** Our own events have it so; the first place is the field, for a machine's id before it has no quotation marks. */
function instantTextIn(json: string): string {
  const start = json.indexOf('"at":"') + 6;
  return json.slice(start, json.indexOf('"', start));
}
