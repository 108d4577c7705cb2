export * from "./calendar.ts";
export * from "./zone.ts";
export * from "./machine-history.ts";
export { PlantModel } from "./machine-model.ts";
export * from "./machine-engine.ts";
export * from "./formulas.ts";
export * from "./periods.ts";
export * from "./report.ts";
export * from "./sums.ts";
