/** Sums what is stored of machines and a span into a few figures, which an audit line has before and after a change. */
import { COMPONENT_NAMES, type Machine, RowBatch } from "@oee/model";
import type { Period, Store } from "@oee/store";

/** Most versions of the plant file that an audit line lists. */
const PLANT_VERSIONS_MAX = 20;

/** The sum of each component that is not 0 (durations in ms), and the plant files that rows were computed with. */
export async function storedFigures(
  store: Pick<Store, "sums" | "inventory">,
  machines: readonly Machine[],
  period: Period,
): Promise<Readonly<Record<string, unknown>>> {
  const ids = machines.map(({ id }) => id);
  const batch = new RowBatch();
  await store.sums({ machines: ids, periods: [period], by: [] }, batch);
  const sums: Record<string, number> = {};
  for (let i = 0; i < batch.length; i++) {
    const row = batch.rowAt(i);
    for (const name of COMPONENT_NAMES) if (row[name] !== 0) sums[name] = (sums[name] ?? 0) + row[name];
  }
  const versions = new Set<string>();
  for (const { plantVersions } of (await store.inventory({ machines: ids, period })).values()) {
    for (const version of plantVersions) versions.add(version);
  }
  return { plantVersions: [...versions].toSorted().slice(0, PLANT_VERSIONS_MAX), sums };
}
