/** The settings file: every command of an installation reads the same one; unknown or wrong settings are refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { expect, onTestFinished, test, vi } from "vitest";
import { UsageError } from "../failure.ts";
import { applySettingsFile, commonOptions, installation, intakeOptions, retentionOptions } from "./settings.ts";

/** The options of a command after it has read a settings file with this text. */
function settingsOf(command: Command, text: string, args: readonly string[] = []): Readonly<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), "oee-settings-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "oee.yaml");
  writeFileSync(file, text);
  command.parse(["--settings", file, ...args], { from: "user" });
  applySettingsFile(command);
  return command.opts();
}

const stored = (): Command => commonOptions(new Command());

test("keys are written in camel case or as on the command line; an option of the command line goes before the file", () => {
  const command = retentionOptions(intakeOptions(stored()), true);
  const text =
    "allowedLateness: 2h\nretention-log: 14\nretentionEvents: forever\npartitions: 4\ntopicPrefix: plant7.\n";
  expect(settingsOf(command, text, ["--partitions", "6"])).toMatchObject({
    allowedLateness: 7_200_000,
    retentionLog: 14,
    retentionEvents: "forever",
    partitions: 6,
    topicPrefix: "plant7.",
  });
});

test("a command ignores settings that only start, worker or gateway have", () => {
  const text = "plant: plant.yaml\nhost: 0.0.0.0\nport: 8081\nspeed: 2\nretentionEvents: 400\ndata: /var/lib/oee\n";
  expect(settingsOf(stored(), text)).toMatchObject({ data: "/var/lib/oee" });
});

test("contract: a variable of the environment sets an option to on by true or 1, and to off by false, 0 or an empty text", () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const [said, on] of [
    ["true", true],
    ["1", true],
    ["false", false],
    ["0", false],
    ["", false],
  ] as const) {
    vi.stubEnv("OEE_KAFKA_SSL", said);
    // The environment goes before the file.
    expect(settingsOf(stored(), `kafkaSsl: ${!on}\n`)).toMatchObject({ kafkaSsl: on });
  }
  vi.stubEnv("OEE_KAFKA_SSL", "off");
  expect(() => settingsOf(stored(), "")).toThrow('OEE_KAFKA_SSL: found "off", expected true or false');
  vi.stubEnv("OEE_KAFKA_SSL", undefined);
  expect(settingsOf(stored(), "kafkaSsl: true\n")).toMatchObject({ kafkaSsl: true });
  expect(settingsOf(stored(), "kafka-ssl: false\n")).toMatchObject({ kafkaSsl: false });
});

test("a value is the text as it is written: a password of digits, a folder that looks like a number", () => {
  const text = "clickhousePassword: 007\ndata: 1.0\nkafkaUsername: null\n";
  expect(settingsOf(stored(), text)).toMatchObject({ clickhousePassword: "007", data: "1.0", kafkaUsername: "null" });
});

test("every option of start, worker and gateway is one that other commands know as a setting", async () => {
  const known = new Set(installation().options.map(({ long }) => long));
  for (const name of ["start", "worker", "gateway"]) {
    const command = new Command();
    ((await import(`../commands/${name}.ts`)) as { define(of: Command): void }).define(command);
    expect(command.options.length).toBeGreaterThan(10);
    expect(command.options.map(({ long }) => long).filter((long) => !known.has(long))).toEqual([]);
  }
});

test.each([
  ["retentionEvent: 3\n", 'found "retentionEvent", expected one of data, kafka'],
  ["partitions: many\n", 'partitions: found "many". Expected a whole number from 1 to 1024.'],
  ["retentionEvents: ever\n", 'retentionEvents: found "ever". Expected whole days, 1 to 36500, or forever.'],
  ["logLevel: loud\n", 'logLevel: found "loud", expected one of trace, debug'],
  ["topicPrefix: [a]\n", 'topicPrefix: found ["a"], expected a value'],
  ["data:\n", "data: found nothing, expected a value"],
  ["kafkaSsl: yes\n", 'kafkaSsl: found "yes", expected true or false'],
  ["settings: other.yaml\n", 'found "settings", expected one of'],
  ["- data\n", "found no mapping, expected option names with their values"],
  ["data: 'a\n", "cannot read the settings"],
])("%j is refused with what was expected, and where", (text, said) => {
  const refused = (): unknown => settingsOf(retentionOptions(stored(), false), text);
  expect(refused).toThrow(UsageError);
  expect(refused).toThrow(/oee\.yaml/);
  expect(refused).toThrow(said);
});
