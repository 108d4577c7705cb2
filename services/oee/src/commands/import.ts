/**
 * `oee import`: history in: events from files onto the log, as machines would have sent them. Workers place them by their
 * own time, however old (DI-1). What is refused is told by code and, on request, written to a file; the rest goes on.
 */
import { EventDecoder, isRefusal } from "@oee/model";
import type { AppendRecord } from "@oee/event-log";
import { type Command, Option } from "commander";
import { Failure } from "../failure.ts";
import { originalOf } from "../intake.ts";
import { connect, loggerOf } from "../live/connections.ts";
import { applySettingsFile, type CommonSettings, commonOptions } from "../live/settings.ts";
import { demoPlantFile, plantFromFile } from "../plant-from-file.ts";
import { readEvents } from "../reading/read-events.ts";
import { Refusals } from "../refusals.ts";

interface ImportSettings extends CommonSettings {
  readonly plant?: string;
  readonly refused?: string;
  readonly url?: string;
}

const APPEND_RECORDS_MAX = 2_000;

export function define(command: Command): void {
  commonOptions(
    command
      .description("Puts events from files on the log, or with --url sends them to a running gateway.")
      .argument("<file...>", "NDJSON (also .gz), Arrow IPC or Parquet; - is standard input")
      .addOption(new Option("--plant <file>", "plant file (YAML) (default: a demo plant)").env("OEE_PLANT"))
      .option("--url <address>", "of a gateway, such as http://127.0.0.1:8080")
      .option("--refused <file>", "write refused events there, as NDJSON {error, detail, file, line, event}"),
  ).action(async (files: readonly string[]) => {
    applySettingsFile(command);
    await importFiles(files, command.opts<ImportSettings>());
  });
}

async function importFiles(files: readonly string[], settings: ImportSettings): Promise<void> {
  const plant = await plantFromFile(settings.plant ?? demoPlantFile());
  const decoder = new EventDecoder(plant, { maxFutureMs: 300_000 });
  const refusals = new Refusals(settings.refused ?? null, (text) => process.stderr.write(`${text}\n`));
  const target = settings.url === undefined ? await logTarget(settings) : gatewayTarget(settings.url);
  let accepted = 0;
  try {
    for (const file of files) {
      let waiting: AppendRecord[] = [];
      const sends: Promise<void>[] = [];
      const take = (machine: string, value: Buffer): void => {
        waiting.push({ key: machine, value });
        accepted++;
        if (waiting.length < APPEND_RECORDS_MAX) return;
        sends.push(target.send(waiting));
        waiting = [];
      };
      await readEvents(
        file,
        {
          line: (bytes, start, end, number) => {
            const event = decoder.decode(bytes, start, end, Date.now());
            const line = bytes.subarray(start, end);
            if (isRefusal(event)) refusals.add(event, file, number, () => originalOf(line));
            // A copy: the bytes of a line are the reader's.
            else take(event.machine.id, Buffer.from(line));
          },
          lineRefused: (refusal, number) => refusals.add(refusal, file, number, () => null),
          row: (row, number) => {
            const event = decoder.decodeValue(row, Date.now());
            if (isRefusal(event)) refusals.add(event, file, number, () => row);
            else
              take(
                event.machine.id,
                Buffer.from(
                  JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value)),
                ),
              );
          },
        },
        () => undefined,
      );
      if (waiting.length > 0) sends.push(target.send(waiting));
      await Promise.all(sends);
    }
  } finally {
    refusals.close();
    await target.close();
  }
  process.stderr.write(`imported ${accepted} events\n`);
  for (const [code, count] of refusals.counts) process.stderr.write(`refused ${count}: ${code}\n`);
  if (accepted === 0) throw new Failure("there was no event that could be imported");
}

interface Target {
  send(records: readonly AppendRecord[]): Promise<void>;
  close(): Promise<void>;
}

async function logTarget(settings: ImportSettings): Promise<Target> {
  const { log, topics, close } = await connect(settings, loggerOf(settings), Date.now);
  let last: Promise<void> = Promise.resolve();
  return {
    // One after the other: log order is the order of the files (TL-1).
    send: (records) => (last = last.then(() => log.append(topics.events.name, records))),
    close,
  };
}

function gatewayTarget(url: string): Target {
  let last: Promise<void> = Promise.resolve();
  const post = async (records: readonly AppendRecord[]): Promise<void> => {
    const body = records.map(({ value }) => Buffer.from(value ?? []).toString("utf8")).join("\n");
    const response = await fetch(new URL("/api/v1/events", url), {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body,
    });
    if (response.status !== 202) throw new Failure(`${url} answered ${response.status}: ${await response.text()}`);
  };
  return { send: (records) => (last = last.then(() => post(records))), close: async () => undefined };
}
