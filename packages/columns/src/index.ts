export * from "./cells.ts";
export * from "./count-columns.ts";
export * from "./held-rows.ts";
export * from "./row-deltas.ts";
export * from "./row-table.ts";
export * from "./sparse.ts";
export * from "./used-components.ts";
