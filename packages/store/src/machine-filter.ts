/**
 * Which machines a query speaks of, as a condition with bound parameters. ClickHouse takes parameters of at most 128 KiB
 * each, so a long list is cut into several.
 */
import type { BoundParameters } from "./transport.ts";

/** A list of machine ids, or all machines below a scope (`*`, `site`, `site/area`, …, a machine's id). */
export type Machines = readonly string[] | { readonly under: string };

const LIST_BYTES_MAX = 48 * 1024;

export function machineFilter(machines: Machines): { readonly sql: string; readonly parameters: BoundParameters } {
  if ("under" in machines) {
    if (machines.under === "*") return { sql: "1", parameters: {} };
    return {
      sql: "(machine = {under:String} OR startsWith(machine, {below:String}))",
      parameters: { under: machines.under, below: `${machines.under}/` },
    };
  }
  const lists = machineLists(machines);
  if (lists.length === 0) return { sql: "0", parameters: {} };
  const conditions = lists.map((_, i) => `machine IN ({machines${i}:Array(String)})`);
  return {
    sql: `(${conditions.join(" OR ")})`,
    parameters: Object.fromEntries(lists.map((list, i) => [`machines${i}`, list])),
  };
}

/** Items in lists of at most `max`. */
export function listsOf<T>(items: readonly T[], max: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / max) }, (_, i) => items.slice(i * max, (i + 1) * max));
}

/** Machine ids in lists that each fit into a parameter. */
export function machineLists(machines: readonly string[]): string[][] {
  const lists: string[][] = [];
  let bytes = LIST_BYTES_MAX;
  for (const machine of machines) {
    bytes += machine.length + 3;
    if (bytes > LIST_BYTES_MAX) {
      lists.push([]);
      bytes = machine.length + 3;
    }
    lists.at(-1)?.push(machine);
  }
  return lists;
}
