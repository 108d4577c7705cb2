/**
 * Finds changes of values that a subscription did not report. Servers lose some when an item has just been made, and
 * clients when a connection comes back; the value reported last would then stay for ever. So all nodes are read at
 * intervals, and a value that two reads in a row find, and no notification reported, is handed over.
 */
import type { Signal } from "../port.ts";
import type { OpcUaAddress } from "./opcua.ts";
import { type ReadValue, valueAt } from "./values.ts";

type Node = Signal<OpcUaAddress>;

export class Missed {
  /** Compared when the nodes are read: that is seldom, and notifications are many. */
  readonly #told = new Map<Node, ReadValue>();
  /** What the last read found that was not told. */
  readonly #suspected = new Map<Node, string>();

  /** A notification told a value. */
  told(signal: Node, value: ReadValue): void {
    this.#told.set(signal, value);
    this.#suspected.delete(signal);
  }

  /** Whether a value that was read was missed: it was found before as well, and nothing was told since. */
  isMissed(signal: Node, value: ReadValue): boolean {
    const said = saidBy(signal, value);
    const told = this.#told.get(signal);
    // Before the first notification the item may not be there yet, or is refused.
    if (told === undefined || saidBy(signal, told) === said) {
      this.#suspected.delete(signal);
      return false;
    }
    const isMissed = this.#suspected.get(signal) === said;
    this.#suspected.set(signal, said);
    return isMissed;
  }
}

/** Without instants: a server tells none of its own, unless it is asked to. */
function saidBy({ address }: Node, value: ReadValue): string {
  return `${value.statusCode.value >>> 30} ${JSON.stringify(valueAt(value, address.path))}`;
}
