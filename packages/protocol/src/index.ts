export * from "./http.ts";
export * from "./latency.ts";
export * from "./live-message.ts";
export * from "./live-record.ts";
export * from "./plant-description.ts";
export * from "./sample.ts";
export type { Described } from "./schema.ts";
