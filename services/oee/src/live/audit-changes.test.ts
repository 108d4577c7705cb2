import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

test("settings have the digest of each file that they name, such as a list of revoked certificates, and of no key", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oee-named-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const names = [
    "tlsCert",
    "tlsOcsp",
    "kafkaCa",
    "kafkaCert",
    "kafkaCrl",
    "clickhouseCa",
    "clickhouseCert",
    "clickhouseCrl",
  ];
  const keys = ["tlsKey", "kafkaKey", "clickhouseKey", "usersSecret"];
  const files = Object.fromEntries([...names, ...keys].map((name) => [name, join(folder, name)]));
  for (const file of Object.values(files)) writeFileSync(file, file);
  const log = openMemoryLog();
  const of = topics("files.", 1);
  await log.ensureTopics(allTopics(of));
  const logger = pino({ level: "silent" });
  const audit = new AuditLog({ log, topic: of.audit.name, store: null, clock: Date.now, logger });
  audit.start();
  const changes = new AuditChanges(audit, logger);
  changes.settings("start", { host: "127.0.0.1", port: 1, ...files });
  await expect.poll(async () => (await log.endsOf(of.audit.name))[0]?.endOffset).toBe(1);
  await changes.close();
  const line = [...(await log.readKeyed(of.audit.name)).values()][0]?.value?.toString() ?? "";
  const { after } = JSON.parse(line) as { after: Record<string, unknown> };
  const digests = Object.keys(after).filter((name) => name.endsWith("Sha256"));
  expect(digests.toSorted()).toEqual(names.map((name) => `${name}Sha256`).toSorted());
  await audit.close();
  await log.close();
});
