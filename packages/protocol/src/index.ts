export * from "./latency.ts";
export * from "./live.ts";
export * from "./live-record.ts";
export * from "./sample.ts";
