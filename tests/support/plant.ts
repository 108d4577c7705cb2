/** Makes plants for tests and benchmarks from the text of a plant file. */
import { formatProblem, parsePlant, type Plant } from "@oee/model";

/** A plant file of one machine, `s/a/l/m`. */
export const ONE_MACHINE =
  "enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }\n";

/** Parses a plant file; throws its problems if it has any. */
export function plantFrom(text: string): Plant {
  const parsed = parsePlant(text, "plant.yaml");
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  return parsed.plant;
}
