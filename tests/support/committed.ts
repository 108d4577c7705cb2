/** Watches which offsets the consumers of a log commit. */
import type { EventLog } from "@oee/event-log";

/** Wraps `log.consume`. Returns a function that gives the first offset of the newest commit since then; 0 before any. */
export function committedOf(log: EventLog): () => number {
  let committed = 0;
  const consume = log.consume.bind(log);
  log.consume = (options) => {
    const consumer = consume(options);
    const commit = async (offsets: Parameters<typeof consumer.commit>[0]): Promise<void> => {
      await consumer.commit(offsets);
      committed = offsets[0]?.offset ?? committed;
    };
    return { commit, close: () => consumer.close() };
  };
  return () => committed;
}
