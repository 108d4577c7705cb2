export type { Sleep } from "./backoff.ts";
export { type EmbeddedLog, type EmbeddedLogOptions, openEmbeddedLog } from "./embedded.ts";
export { LogError, type LogErrorCode } from "./error.ts";
export type { LocalFaults } from "./local/local-log.ts";
export { type MemoryLog, type MemoryLogOptions, openMemoryLog } from "./memory.ts";
export { murmur2, partitionOf } from "./partitioner.ts";
export * from "./port.ts";
export { RecordBatch } from "./record-batch.ts";
export { allTopics, type Topics, topics } from "./topics.ts";
