/** Components that people bring from before there was data (BL-3), as a sum like any other. */
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

/** Times are ms, quantities in their unit with up to six decimals; what is not given is 0. */
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
