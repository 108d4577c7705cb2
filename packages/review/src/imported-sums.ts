/** Components that people bring from before there was data (BL-3), as a sum like any other. */
import { Sums } from "@oee/engine";
import { type Components, type PublicComponents, RowBatch } from "@oee/model";

const US_PER_MS = 1000;

/** Times are ms; what is not given is 0. */
export function importedSums(components: Partial<PublicComponents>): Sums {
  const { idealTime = 0, idealGoodTime = 0, startupLossTime = 0, ...others } = components;
  const given: Partial<Components> = {
    ...others,
    idealTimeUs: Math.round(idealTime * US_PER_MS),
    idealGoodTimeUs: Math.round(idealGoodTime * US_PER_MS),
    startupLossTimeUs: Math.round(startupLossTime * US_PER_MS),
  };
  const batch = new RowBatch();
  batch.addEmpty(
    { machine: "", product: null, shift: null, shiftDate: null, taktUs: null, costPerHour: null, decimals: 0 },
    0,
  );
  return new Sums().addRow(RowBatch.of([{ ...batch.rowAt(0), ...given }]), 0);
}
