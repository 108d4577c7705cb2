/** `oee audit verify`: whether the audit is as it was written, in the log and in the store. */
import { verifyAudit } from "@oee/gateway";
import { AUDIT_ROWS_MAX } from "@oee/store";
import { type Command, InvalidArgumentError, Option } from "commander";
import { Failure } from "../failure.ts";
import { connect, expectDataFolder, loggerOf } from "../live/connections.ts";
import { applySettingsFile, type CommonSettings, commonOptions } from "../live/settings.ts";
import { writeResults } from "../output/standard-output.ts";

interface Head {
  readonly offset: number;
  readonly hash: string;
}

interface AuditSettings extends CommonSettings {
  readonly head?: Head;
}

export function define(command: Command): void {
  const check = command.enablePositionalOptions().description("The audit: who did what.").command("verify");
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
