export * from "./amount.ts";
export * from "./formulas.ts";
export * from "./report.ts";
export * from "./sums.ts";
export * from "./windows.ts";
