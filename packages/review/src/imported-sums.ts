/** Components that people enter for time before there was data (BL-3), as sums. */
import { type Sums, sumsWith } from "@oee/answers";
import {
  COMPONENT_NAMES,
  type Components,
  COMPONENTS,
  DECIMALS_MAX,
  type PublicComponents,
  publicNameOf,
} from "@oee/model";

const US_PER_MS = 1000;
const SMALLEST_UNITS = 10 ** DECIMALS_MAX;

/** The sums of some components: times are ms, quantities have up to six decimals, and a component that is missing is 0. */
export function importedSums(components: Partial<PublicComponents>): Sums {
  const given: Partial<Components> = {};
  const isWhole = COMPONENT_NAMES.every(
    (name) => COMPONENTS[name].kind !== "quantity" || Number.isSafeInteger(components[publicNameOf(name)] ?? 0),
  );
  for (const name of COMPONENT_NAMES) {
    const value = components[publicNameOf(name)] ?? 0;
    const { kind } = COMPONENTS[name];
    if (kind === "ideal") given[name] = Math.round(value * US_PER_MS);
    else given[name] = kind === "quantity" && !isWhole ? Math.round(value * SMALLEST_UNITS) : value;
  }
  return sumsWith(given, isWhole ? 0 : DECIMALS_MAX);
}
