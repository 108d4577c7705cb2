/** How far the group of a log came, as its consumers commit. */
import type { EventLog } from "@oee/event-log";

/** From now on: the first offset of each commit; 0 before the first one. */
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
