export * from "./give-way.ts";
export * from "./rest.ts";
export * from "./scheduler.ts";
export * from "./simulated-time.ts";
