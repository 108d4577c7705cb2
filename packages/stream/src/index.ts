export * from "./machine-engine.ts";
