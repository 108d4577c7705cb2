/** The log of sessions, tokens and people on a log in memory, caught up, for tests of what is built on it. */
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { AccessLog } from "../src/access/access-log.ts";

export async function openMemoryAccess(): Promise<{ readonly log: AccessLog; close(): Promise<void> }> {
  const of = topics("oee.", 1);
  const events = openMemoryLog();
  await events.ensureTopics(allTopics(of));
  const log = new AccessLog(events, of.access.name, { warn: () => undefined }, false);
  log.start();
  await log.caughtUp;
  return {
    log,
    async close() {
      await log.close();
      await events.close();
    },
  };
}
