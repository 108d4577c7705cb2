import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { AuditLog } from "@oee/gateway";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { storeOfFile } from "../../../../tests/support/worker.ts";
import { AuditChanges } from "./audit-changes.ts";

const CHANGES = 20;
const { store } = await storeOfFile();

test("changes written to the audit leave no listener behind in the process, however many there are", async () => {
  const warnings: string[] = [];
  const keep = ({ name }: Error): void => void warnings.push(name);
  process.on("warning", keep);
  onTestFinished(() => void process.off("warning", keep));
  const log = openMemoryLog();
  const of = topics("oee.", 1);
  await log.ensureTopics(allTopics(of));
  const logger = pino({ level: "silent" });
  const audit = new AuditLog({ log, topic: of.audit.name, store, clock: Date.now, logger });
  audit.start();
  const changes = new AuditChanges(audit, logger);
  for (let number = 1; number <= CHANGES; number++) changes.schema(number);
  await expect.poll(async () => (await store.auditExtent()).lines).toBe(CHANGES);
  await changes.close();
  await audit.close();
  await log.close();
  expect(warnings).toEqual([]);
});
