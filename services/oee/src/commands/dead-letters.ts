/**
 * `oee dead-letters` lists refused events (DI-2), oldest first, as NDJSON with the reason and the original event, to
 * be corrected and sent again with `oee import`. It changes no letter: they stay until their retention ends.
 * Corrections among them may name people, so the audit notes who listed them.
 */
import { formatInstant, REFUSAL_CODES } from "@oee/model";
import { type Command, Option } from "commander";
import { withAuditedLog } from "../live/audited-command.ts";
import { expectDataFolder, loggerOf } from "../live/connections.ts";
import { readDeadLetters } from "../live/dead-letters.ts";
import { applySettingsFile, type CommonSettings, commonOptions } from "../live/settings.ts";
import { instantOption } from "../option-values.ts";
import { counted } from "../output/for-people.ts";
import { LineWriter } from "../output/line-writer.ts";
import { printable } from "../output/printable.ts";

/** How many names of fields the summary lists; each letter has all of its own. */
const UNKNOWN_NAMED_MAX = 50;

interface DeadLetterSettings extends CommonSettings {
  readonly error?: string;
  readonly from?: number;
}

export function define(command: Command): void {
  commonOptions(
    command
      .description(
        "Lists refused events as NDJSON {at, error, detail, topic, partition, offset, key, event, unknownFields?}. Mend the events and\n" +
          "send them again with `oee import`. On the embedded log it needs `oee start` to be stopped.",
      )
      .addOption(new Option("--error <code>", "only this code").choices([...REFUSAL_CODES, "unreadable"]))
      .option("--from <instant>", "only what was refused then or later (default: all)", instantOption),
  ).action(async () => {
    applySettingsFile(command);
    await listDeadLetters(command.opts<DeadLetterSettings>());
  });
}

async function listDeadLetters(settings: DeadLetterSettings): Promise<void> {
  expectDataFolder(settings);
  const { error, from = -Infinity } = settings;
  const writer = new LineWriter("-");
  let listed = 0;
  const unknown = new Map<string, number>();
  await withAuditedLog(settings, loggerOf(settings), async ({ log, topics, tell }) => {
    const after = { table: "dead-letters", error: error ?? null, from: settings.from ?? null };
    await tell({ kind: "personal-data-exported", scope: "*", before: null, after });
    await readDeadLetters(log, topics.deadLetters.name, async (letter) => {
      if (letter.at < from || (error !== undefined && letter.error !== error)) return;
      await writer.write(JSON.stringify({ ...letter, at: formatInstant(letter.at) }));
      listed++;
      for (const name of letter.unknownFields ?? []) unknown.set(name, (unknown.get(name) ?? 0) + 1);
    });
    await writer.end();
  });
  process.stderr.write(`${listed} dead letters\n`);
  for (const [name, count] of [...unknown].slice(0, UNKNOWN_NAMED_MAX)) {
    process.stderr.write(
      `${printable(`${counted(count, "letter")} with the field ${JSON.stringify(name)}: it means nothing there`)}\n`,
    );
  }
}
