/**
 * `oee dead-letters`: what was refused (DI-2), oldest first, as NDJSON with the reason and the original event, to be read,
 * mended and sent again with `oee import`. It changes nothing: letters stay until their retention ends.
 */
import { TextDecoder } from "node:util";
import type { RecordBatch } from "@oee/event-log";
import { formatInstant, REFUSAL_CODES } from "@oee/model";
import { type Command, Option } from "commander";
import { connect, expectDataFolder, loggerOf } from "../live/connections.ts";
import { applySettingsFile, type CommonSettings, commonOptions } from "../live/settings.ts";
import { instantOption } from "../option-values.ts";
import { LineWriter } from "../output/line-writer.ts";

interface DeadLetterSettings extends CommonSettings {
  readonly error?: string;
  readonly from?: number;
}

export function define(command: Command): void {
  commonOptions(
    command
      .description(
        "Lists refused events as NDJSON {at, error, detail, topic, partition, offset, key, event}. Mend the events and\n" +
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
  const { log, topics, close } = await connect(settings, loggerOf(settings), Date.now);
  const writer = new LineWriter("-");
  let listed = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      const follower = log.followKeyed({
        topic: topics.deadLetters.name,
        onBatch: async (batch) => {
          for (let i = 0; i < batch.length; i++) {
            const letter = deadLetterAt(batch, i);
            if (batch.timestampAt(i) < from || (error !== undefined && letter.error !== error)) continue;
            await writer.write(JSON.stringify(letter));
            listed++;
          }
        },
        onCaughtUp: () => void follower.close().then(resolve, reject),
      });
    });
    await writer.end();
  } finally {
    await close();
  }
  process.stderr.write(`${listed} dead letters\n`);
}

interface DeadLetter {
  /** When it was refused. */
  readonly at: string;
  readonly error: string;
  readonly detail: string;
  /** The place of the record that it came from. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  /** Such as `2/7`, of one that is too large for one letter. */
  readonly piece?: string;
  /** The JSON value; the text where it was none; base64 in `{"base64"}` where it was no text. */
  readonly event: unknown;
}

function deadLetterAt(batch: RecordBatch, i: number): DeadLetter {
  const headers = batch.headersAt(i);
  const textOf = (name: string): string => headers[name]?.toString("utf8") ?? "";
  const piece = textOf("piece");
  return {
    at: formatInstant(batch.timestampAt(i)),
    error: textOf("error"),
    detail: textOf("detail"),
    topic: textOf("topic"),
    partition: Number(textOf("partition")),
    offset: Number(textOf("offset")),
    key: batch.keyAt(i)?.toString("utf8") ?? null,
    ...(piece === "" ? {} : { piece }),
    event: eventIn(batch.valueAt(i)),
  };
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function eventIn(bytes: Buffer | null): unknown {
  if (bytes === null) return null;
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    return { base64: bytes.toString("base64") };
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
