/** Makes plants for tests and benchmarks from the text of a plant file. */
import { formatProblem, parsePlant, type Plant } from "@oee/model";

/** Parses a plant file; throws its problems if it has any. */
export function plantFrom(text: string): Plant {
  const parsed = parsePlant(text, "plant.yaml");
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  return parsed.plant;
}
