/**
 * Machines in groups, each for one query of rows since the oldest checkpoint in it: a query costs more than a thousand machines in it,
 * but one that is long silent must not have all rows of the others looked at.
 */
const GROUP_MIN = 500;
/** Of machines whose checkpoints lie within `ALIKE_MS` of the oldest. */
const GROUP_MAX = 5_000;
const ALIKE_MS = 10 * 60_000;

/** Groups of machines with events, the oldest first. `reached`: epoch ms; `Infinity`: it has none. */
export function* byAge<M extends { readonly reached: number }>(machines: readonly M[]): Generator<readonly M[]> {
  const sorted = machines.filter(({ reached }) => Number.isFinite(reached)).sort((a, b) => a.reached - b.reached);
  for (let next = 0; next < sorted.length; ) {
    const group = sorted.slice(next, next + GROUP_MAX);
    const alikeTo = (group[0] as M).reached + ALIKE_MS;
    const end = group.findIndex(({ reached }, i) => i >= GROUP_MIN && reached > alikeTo);
    if (end > 0) group.length = end;
    yield group;
    next += group.length;
  }
}
