export * from "./components.ts";
export * from "./duration.ts";
export * from "./event.ts";
export * from "./microseconds.ts";
export * from "./order.ts";
export * from "./plant-file/index.ts";
export * from "./plant.ts";
export * from "./state.ts";
