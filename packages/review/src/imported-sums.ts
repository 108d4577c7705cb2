/** Components that people bring from before there was data (BL-3), as a sum like any other. */
import { Sums } from "@oee/answers";
import {
  COMPONENT_NAMES,
  type Components,
  COMPONENTS,
  type PublicComponents,
  publicNameOf,
  RowBatch,
} from "@oee/model";

const US_PER_MS = 1000;

/** Times are ms; what is not given is 0. */
export function importedSums(components: Partial<PublicComponents>): Sums {
  const given: Partial<Components> = {};
  for (const name of COMPONENT_NAMES) {
    const value = components[publicNameOf(name)] ?? 0;
    given[name] = COMPONENTS[name].kind === "ideal" ? Math.round(value * US_PER_MS) : value;
  }
  const batch = new RowBatch();
  batch.addEmpty(
    { machine: "", product: null, shift: null, shiftDate: null, taktUs: null, costPerHour: null, decimals: 0 },
    0,
  );
  return new Sums().addRow(RowBatch.of([{ ...batch.rowAt(0), ...given }]), 0);
}
