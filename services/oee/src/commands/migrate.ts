/** `oee migrate`: makes or updates the tables of the store. Every start does it too. */
import type { Command } from "commander";
import { openStoreOf } from "../live/connections.ts";
import { applySettingsFile, type CommonSettings, commonOptions } from "../live/settings.ts";

export function define(command: Command): void {
  commonOptions(
    command.description("Makes the tables of the store, or brings them up to date. Safe to repeat."),
  ).action(async () => {
    applySettingsFile(command);
    const store = await openStoreOf(command.opts<CommonSettings>());
    try {
      const { applied, current } = await store.migrate();
      process.stdout.write(
        applied.length === 0
          ? `schema ${current}: nothing to do\n`
          : `schema ${current}: applied ${applied.join(", ")}\n`,
      );
    } finally {
      await store.close();
    }
  });
}
