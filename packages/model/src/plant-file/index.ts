export { type IdealCycles, idealCyclesAsIn } from "./ideal-cycles.ts";
export { machinePolicy, type PolicyValue, stateMapPolicy } from "./policy.ts";
export { machinesByPath, type ParsePlant, type PlantResult, parsePlant, parsePlantHere } from "./parse-plant.ts";
export { nearest as nearestOf } from "./nearest.ts";
export { formatProblem, type PlantProblem } from "./problem.ts";
export {
  joinedPolicy,
  policyDifferences,
  type ScopePolicy,
  scopePolicy,
  scopePolicyAsIn,
  scopePolicyAsInInSteps,
  scopePolicyInSteps,
} from "./scope-policy.ts";
