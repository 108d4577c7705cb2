export { type PlantResult, parsePlant } from "./parse-plant.ts";
export { formatProblem, type PlantProblem } from "./problem.ts";
