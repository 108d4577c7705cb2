/**
 * `oee audit verify` verifies the audit in the log and in the store; `oee audit restore` puts it back on a log that
 * has lost it.
 */
import { verifyAudit } from "@oee/gateway";
import { restoreAudit } from "@oee/gateway/audit/restore-audit";
import { AUDIT_ROWS_MAX } from "@oee/store";
import { type Command, InvalidArgumentError, Option } from "commander";
import { Failure, reasonOf } from "../failure.ts";
import { connect, expectDataFolder, loggerOf } from "../live/connections.ts";
import { applySettingsFile, type CommonSettings, commonOptions } from "../live/settings.ts";
import { whoRuns } from "../live/who-runs.ts";
import { writeResults } from "../output/standard-output.ts";

interface Head {
  readonly offset: number;
  readonly hash: string;
}

interface AuditSettings extends CommonSettings {
  readonly head?: Head;
}

export function define(command: Command): void {
  const restoring = command.enablePositionalOptions().description("The audit: who did what.").command("restore");
  commonOptions(
    restoring.description(
      "Puts the audit back on a log that has lost all of it, from the store. Until then gateways change nothing (OEE_AUDIT_LOST).",
    ),
  ).action(async () => {
    applySettingsFile(restoring);
    await restore(restoring.opts<CommonSettings>());
  });
  const check = command.command("verify");
  commonOptions(
    check.description(
      "Tells every line of the audit that was altered or removed. On the embedded log it needs `oee start` to be stopped.",
    ),
  )
    .addOption(
      new Option(
        "--head <offset:hash>",
        "the newest line as it was noted before: finds what was cut off at the end",
      ).argParser(headOption),
    )
    .action(async () => {
      applySettingsFile(check);
      await verify(check.opts<AuditSettings>());
    });
}

async function restore(settings: CommonSettings): Promise<void> {
  expectDataFolder(settings);
  const logger = loggerOf(settings);
  // The embedded log gets it back as it opens.
  const { log, topics, store, close } = await connect(settings, logger, Date.now);
  try {
    const [end] = await log.endsOf(topics.audit.name);
    const { end: lines } = await store.auditExtent();
    if ((end?.endOffset ?? 0) >= lines) {
      process.stderr.write(`the log has ${end?.endOffset ?? 0} lines, the store ${lines}: nothing was lost\n`);
      return;
    }
    const restored = await restoreAudit(log, topics.audit.name, store, { ...whoRuns(), at: Date.now() });
    process.stderr.write(`${restored} lines are on the log again; gateways write to it within seconds\n`);
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(`OEE_AUDIT_LOST: ${reasonOf(error)}`, { cause: error });
  } finally {
    await close();
  }
}

function headOption(text: string): Head {
  const [, offset, hash] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (offset !== undefined && hash !== undefined) return { offset: Number(offset), hash };
  throw new InvalidArgumentError("Expected an offset, a colon and 64 hexadecimal digits, as this command prints them.");
}

async function verify(settings: AuditSettings): Promise<void> {
  expectDataFolder(settings);
  const { log, topics, store, close } = await connect(settings, loggerOf(settings), Date.now);
  try {
    const rowsFrom = (offset: number): ReturnType<typeof store.auditRows> =>
      store.auditRows({ offset, limit: AUDIT_ROWS_MAX });
    const { lines, head, faults } = await verifyAudit(log, topics.audit.name, rowsFrom, settings.head ?? null);
    await writeResults(faults.map(({ offset, detail }) => `${offset}: ${detail}\n`));
    process.stderr.write(`${lines} lines; the newest is ${head === null ? "none" : `${head.offset}:${head.hash}`}\n`);
    if (faults.length > 0) throw new Failure(`OEE_AUDIT_ALTERED: ${faults.length} faults`);
  } finally {
    await close();
  }
}
