export * from "./cells.ts";
export * from "./count-columns.ts";
export * from "./hot-rows.ts";
export * from "./row-columns.ts";
export * from "./row-deltas.ts";
export * from "./sparse.ts";
