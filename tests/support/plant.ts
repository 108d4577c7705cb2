/** Plants for tests and benchmarks, from the text of a plant file. */
import { formatProblem, parsePlant, type Plant } from "@oee/model";

/** Throws what is wrong with it. */
export function plantFrom(text: string): Plant {
  const parsed = parsePlant(text, "plant.yaml");
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  return parsed.plant;
}
