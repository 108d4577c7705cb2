/** Events as the contract writes them: what `JSON.stringify` turns into one line of NDJSON or one record of `oee.events`. */
interface WireEventBase {
  readonly machine: string;
  /** RFC 3339, or epoch milliseconds. */
  readonly at: string | number;
  readonly id?: string;
}

export interface WireStateEvent extends WireEventBase {
  readonly type: "state";
  /** The machine's own word for its state, or a number. */
  readonly state: string | number;
  readonly reason?: string;
}

export interface Quantities {
  readonly good: number;
  readonly scrap?: number;
  readonly rework?: number;
  /** All items that came in, in place of `scrap` (CN-7). */
  readonly produced?: number;
}

export interface WireCountEvent extends WireEventBase, Partial<Quantities> {
  readonly type: "count";
  /** Running totals, instead of quantities since the last count. */
  readonly total?: Quantities;
  readonly startup?: boolean;
}

export interface WireJobEvent extends WireEventBase {
  readonly type: "job";
  readonly product: string;
  readonly order: string;
  readonly idealCycleSeconds?: number;
}

export type WireEvent = WireStateEvent | WireCountEvent | WireJobEvent;

/** The instant of an event (epoch ms). */
export function instantOfEvent(event: WireEvent): number {
  return typeof event.at === "number" ? event.at : Date.parse(event.at);
}

let second = Number.NaN;
let secondText = "";

/** An instant (epoch ms) as RFC 3339 text with milliseconds, in UTC. The text of the last second is kept: most instants share it with the one before. */
export function instantText(at: number): string {
  const ms = ((at % 1000) + 1000) % 1000;
  if (at - ms !== second) {
    second = at - ms;
    secondText = new Date(second).toISOString().slice(0, 20);
  }
  return `${secondText}${String(ms).padStart(3, "0")}Z`;
}
