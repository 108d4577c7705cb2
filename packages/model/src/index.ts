export * from "./components.ts";
export * from "./event.ts";
export * from "./order.ts";
export * from "./plant.ts";
export * from "./state.ts";
