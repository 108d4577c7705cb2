/**
 * Finds changes of values that a subscription did not report. Servers lose some when an item has just been made, and
 * clients when a connection comes back; the value reported last would then stay for ever. So all nodes are read at
 * intervals, and a value that two reads in a row find, and no notification reported, is handed over.
 */
import type { Signal } from "../port.ts";
import type { OpcUaAddress } from "./settings.ts";
import { type ReadValue, valueAt } from "./values.ts";

type Node = Signal<OpcUaAddress>;

export class Missed {
  /** The values reported last, kept whole: they are compared only when nodes are read, which is seldom, and notifications are many. */
  readonly #reported = new Map<Node, ReadValue>();
  /** Values that the last read found and no notification has reported. */
  readonly #suspected = new Map<Node, string>();

  /** Notes the value that a notification reported. */
  reported(signal: Node, value: ReadValue): void {
    this.#reported.set(signal, value);
    if (this.#suspected.size > 0) this.#suspected.delete(signal);
  }

  /** Notes a value that was read; answers whether it was missed: the read before found it too, and no notification came since. */
  noteRead(signal: Node, value: ReadValue): boolean {
    const said = saidBy(signal, value);
    const reported = this.#reported.get(signal);
    // Before the first notification the item may not be there yet, or is refused.
    if (reported === undefined || saidBy(signal, reported) === said) {
      this.#suspected.delete(signal);
      return false;
    }
    const isMissed = this.#suspected.get(signal) === said;
    this.#suspected.set(signal, said);
    return isMissed;
  }
}

/** A value without its instants as text: a server does not report a change of the instant alone, unless asked to. */
function saidBy({ address }: Node, value: ReadValue): string {
  return `${value.statusCode.value >>> 30} ${JSON.stringify(valueAt(value, address.path))}`;
}
