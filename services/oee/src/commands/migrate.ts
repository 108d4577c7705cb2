/** `oee migrate`: makes or updates the tables of the store. Every start does it too. */
import type { Command } from "commander";
import { openStoreOf } from "../live/connections.ts";
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
    const settings = command.opts<CommonSettings>();
    const store = await openStoreOf(settings);
    const retention = storeRetention(settings);
    try {
      const { applied, current } = await store.migrate({ retention });
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
  });
}
