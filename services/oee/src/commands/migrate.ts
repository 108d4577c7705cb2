/**
 * `oee migrate` makes or updates the tables of the store, as every start does too. With a log it writes this to the
 * audit.
 */
import { AUDIT_SCHEMA_MIN } from "@oee/store";
import type { Command } from "commander";
import { hasLog, withAudit } from "../live/audited-command.ts";
import { loggerOf, openStoreOf } from "../live/connections.ts";
import {
  applySettingsFile,
  type CommonSettings,
  commonOptions,
  retentionOptions,
  storeRetention,
} from "../live/settings.ts";

export function define(command: Command): void {
  command.description("Makes the tables of the store, or brings them up to date. Safe to repeat.");
  retentionOptions(commonOptions(command), false).action(async () => {
    applySettingsFile(command);
    await migrate(command.opts<CommonSettings>());
  });
}

async function migrate(settings: CommonSettings): Promise<void> {
  const logger = loggerOf(settings);
  const store = await openStoreOf(settings);
  const retention = storeRetention(settings);
  const audited = hasLog(settings);
  try {
    const before = await store.schema();
    if (audited) {
      // An older database has no lines of the audit that the log could have lost.
      await withAudit(settings, before < AUDIT_SCHEMA_MIN ? null : store, logger, undefined, ({ tell }) =>
        tell({ kind: "migrate", scope: "*", before: { schema: before }, after: { retention } }),
      );
    }
    const { applied, current } = await store.migrate({ retention });
    if (audited) {
      await withAudit(settings, store, logger, undefined, ({ tellState }) => tellState("schema", { number: current }));
    } else process.stderr.write("there is no log (--kafka, or --data of `oee start`): the audit is not told of this\n");
    process.stdout.write(
      applied.length === 0
        ? `schema ${current}: nothing to do\n`
        : `schema ${current}: applied ${applied.join(", ")}\n`,
    );
    for (const [table, days] of Object.entries(retention)) {
      process.stdout.write(`${table}: kept ${days === null ? "for ever" : `for ${days} days`}\n`);
    }
  } finally {
    await store.close();
  }
}
