/**
 * Pairs of a machine and an instant that a question is about, as bound parameters. Machines are named once and then by their
 * place in the list, for ClickHouse takes parameters of at most 128 KiB each, and a megabyte of them in all.
 */
import { listsOf, machineLists } from "./machine-filter.ts";
import type { BoundParameters } from "./transport.ts";

export interface MachineInstant {
  readonly machine: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Most pairs of one question: at most some 600 kB of parameters. */
export const INSTANTS_MAX = 10_000;
const INSTANTS_PER_LIST = 5_000;

/** `sql` selects them as tuples `(machine, epoch ms)`, one a row. */
export function machineInstants(pairs: readonly MachineInstant[]): {
  readonly sql: string;
  readonly parameters: BoundParameters;
} {
  const places = new Map([...new Set(pairs.map(({ machine }) => machine))].map((machine, i) => [machine, i + 1]));
  const names = machineLists([...places.keys()]);
  const lists = listsOf(pairs, INSTANTS_PER_LIST);
  const zipped = lists.map(
    (_, i) => `arrayZip(arrayMap(place -> named[place], {places${i}:Array(UInt16)}), {instants${i}:Array(Int64)})`,
  );
  return {
    sql: `SELECT arrayJoin(arrayConcat(${zipped.join(", ")})) AS pair
FROM (SELECT arrayConcat(${names.map((_, i) => `{named${i}:Array(String)}`).join(", ")}) AS named)`,
    parameters: {
      ...Object.fromEntries(names.map((list, i) => [`named${i}`, list])),
      ...Object.fromEntries(
        lists.flatMap((list, i) => [
          [`places${i}`, list.map(({ machine }) => places.get(machine) ?? 0)],
          [`instants${i}`, list.map(({ at }) => at)],
        ]),
      ),
    },
  };
}
