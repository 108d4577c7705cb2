/**
 * `oee import`: sends the events of files to a gateway or to the log, as machines would have sent them. Workers place them by
 * their own time, however old they are (DI-1). Refused events are counted by code and, on request, written to a file; the
 * others are sent. A file is read no faster than its events are taken, so that files of any size need little memory.
 */
import { EventDecoder, isRefusal, MAX_PAST_HEADER, NO_FIELDS, type PlantEvent, UnknownFields } from "@oee/model";
import { type Command, Option } from "commander";
import { deltasIdentified, withoutId } from "../event-ids.ts";
import { EventSending, gatewayTarget, type SendingTarget } from "../event-sending.ts";
import { Failure } from "../failure.ts";
import { originalOf } from "../replay-input.ts";
import { applySettingsFile, type CommonSettings, commonOptions, maxPastOption } from "../live/settings.ts";
import { demoPlantFile, plantFromFile } from "../plant-from-file.ts";
import { unknownFieldLines } from "../output/unknown-field-lines.ts";
import { withoutZoneLines } from "../output/without-zone-line.ts";
import { readEvents } from "../reading/read-events.ts";
import { bigintAsNumber, Refusals } from "../refusals.ts";
import { zonesOf } from "../zone-folder.ts";

interface ImportSettings extends CommonSettings {
  readonly plant?: string;
  readonly maxPast: number;
  readonly refused?: string;
  readonly url?: string;
  readonly token?: string;
}

export function define(command: Command): void {
  commonOptions(
    command
      .description("Puts events from files on the log, or with --url sends them to a running gateway.")
      .argument("<file...>", "NDJSON (also .gz), Arrow IPC or Parquet; - is standard input")
      .addOption(new Option("--plant <file>", "plant file (YAML) (default: a demo plant)").env("OEE_PLANT"))
      .option("--url <address>", "of a gateway, such as http://127.0.0.1:8080")
      .addOption(
        new Option("--token <text>", "with --url: of a gateway at which people sign in").env("OEE_IMPORT_TOKEN"),
      )
      .addOption(maxPastOption())
      .option("--refused <file>", "write refused events there, as NDJSON {error, detail, file, line, event}"),
  ).action(async (files: readonly string[]) => {
    applySettingsFile(command);
    await importFiles(files, command.opts<ImportSettings>());
  });
}

async function importFiles(files: readonly string[], settings: ImportSettings): Promise<void> {
  const plant = await plantFromFile(settings.plant ?? demoPlantFile(), zonesOf(settings));
  const decoder = new EventDecoder(plant, { maxFutureMs: 300_000, maxPastMs: settings.maxPast });
  const refusals = new Refusals(settings.refused ?? null, (text) => process.stderr.write(`${text}\n`));
  const target =
    settings.url === undefined
      ? await logTarget(settings)
      : {
          ...gatewayTarget(settings.url, {
            maxPastMs: settings.maxPast,
            ...(settings.token === undefined ? {} : { token: settings.token }),
            tell: (line) => process.stderr.write(`${line}\n`),
          }),
          close: async () => undefined,
        };
  // A request whose answer was lost is sent again.
  const identified = settings.url === undefined ? withoutId : deltasIdentified();
  const sending = new EventSending(target);
  const unknown = new UnknownFields();
  const withoutZone: string[] = [];
  const take = (event: PlantEvent, original: Buffer): void => {
    if (decoder.unknownFields !== NO_FIELDS) unknown.add(event.type, decoder.unknownFields);
    sending.take(event.machine.id, identified(event, original), event.id !== null || event.type === "count");
  };
  try {
    for (const file of files) {
      await readEvents(
        file,
        {
          line: (bytes, start, end, number) => {
            const event = decoder.decode(bytes, start, end, Date.now());
            const line = bytes.subarray(start, end);
            if (isRefusal(event)) refusals.add(event, file, number, () => originalOf(line));
            // A copy: the bytes of a line are the reader's.
            else take(event, Buffer.from(line));
          },
          lineRefused: (refusal, number) => refusals.add(refusal, file, number, () => null),
          row: (row, number) => {
            const event = decoder.decodeValue(row, Date.now());
            if (isRefusal(event)) refusals.add(event, file, number, () => row);
            else take(event, Buffer.from(JSON.stringify(row, bigintAsNumber)));
          },
          room: () => sending.room(),
          withoutZone: (columns) => withoutZone.push(...withoutZoneLines(file, columns)),
        },
        () => undefined,
      );
    }
    await sending.end();
  } catch (error) {
    // What stands before damage goes in all the same.
    await sending.end().catch(() => undefined);
    throw error;
  } finally {
    refusals.close();
    await target.close();
    process.stderr.write(`imported ${sending.accepted} events\n`);
    if (settings.url !== undefined && sending.accepted > 0) process.stderr.write(`${computedLater(settings.url)}\n`);
    for (const line of [...withoutZone, ...unknownFieldLines(unknown)]) process.stderr.write(`${line}\n`);
    for (const [code, count] of refusals.counts) process.stderr.write(`refused ${count}: ${code}\n`);
    if (sending.refused > 0) process.stderr.write(`refused ${sending.refused}: by the gateway, whose log has more\n`);
  }
  if (sending.accepted === 0) throw new Failure("there was no event that could be imported");
}

/** A worker computes them after the log has them, and answers lack the time that is not computed yet. */
function computedLater(url: string): string {
  const address = new URL("/api/v1/health/ready", url).href;
  return `their figures are complete when no check of ${address} says "computing" any more`;
}

/** Its `maxPast` goes with every record, for the worker that reads them from the log judges them too. */
async function logTarget(settings: ImportSettings): Promise<SendingTarget & { close(): Promise<void> }> {
  const headers = { [MAX_PAST_HEADER]: `${settings.maxPast}ms` };
  const { connect, loggerOf } = await import("../live/connections.ts");
  const { log, topics, close } = await connect(settings, loggerOf(settings), Date.now);
  return {
    send: async (records) => {
      await log.append(
        topics.events.name,
        records.map((record) => ({ ...record, headers })),
      );
      return { refused: 0 };
    },
    close,
  };
}
