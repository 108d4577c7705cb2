/** Inputs of `oee replay` in every format, also damaged ones: the answer is that of the events that can be read. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateSync, gzipSync } from "node:zlib";
import { RecordBatchFileWriter, RecordBatchStreamWriter, tableFromJSON } from "apache-arrow";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { EVENTS, FILLER, folderWith, ndjson, OEE, oee, PLANT, type Run } from "./oee.ts";

const LINES = ndjson(EVENTS);
const TEXTS = ["type", "machine", "id", "state", "reason", "product", "order", "by", "note"];
const WHOLE_NUMBERS = ["good", "scrap", "rework"];
const INSTANTS = ["at", "from", "to"];
const NAMES = [...TEXTS, ...WHOLE_NUMBERS, ...INSTANTS, "startup", "total"];

/** The same events as rows that all have every column; instants as text or as epoch milliseconds, all of one type. */
function rows(instantOf: (text: unknown) => unknown): Record<string, unknown>[] {
  return EVENTS.map((event) => {
    const row: Record<string, unknown> = {};
    for (const name of NAMES) row[name] = null;
    for (const [name, value] of Object.entries(event)) {
      row[name] = INSTANTS.includes(name) ? instantOf(value) : value;
    }
    return row;
  });
}

function milliseconds(instant: unknown): number {
  return typeof instant === "number" ? instant : Date.parse(String(instant));
}

function rfc3339(instant: unknown): string {
  return new Date(milliseconds(instant)).toISOString();
}

/** A column of Parquet that may have no value. */
function optional(name: string, type: object): object {
  return { name, repetition_type: "OPTIONAL", ...type };
}

function parquet(codec: "UNCOMPRESSED" | "SNAPPY"): Uint8Array {
  const table = rows((instant) => new Date(milliseconds(instant)));
  const schema = [
    { name: "root", num_children: NAMES.length },
    ...TEXTS.map((name) => optional(name, { type: "BYTE_ARRAY", converted_type: "UTF8" })),
    ...WHOLE_NUMBERS.map((name) => optional(name, { type: "INT32" })),
    ...INSTANTS.map((name) => optional(name, { type: "INT64", converted_type: "TIMESTAMP_MILLIS" })),
    optional("startup", { type: "BOOLEAN" }),
    optional("total", { num_children: 2 }),
    optional("good", { type: "INT32" }),
    optional("scrap", { type: "INT32" }),
  ];
  const columnData = NAMES.map((name) => ({ name, data: table.map((row) => row[name]) }));
  const options = { codec, rowGroupSize: 4, schema, columnData };
  return new Uint8Array(parquetWriteBuffer(options as Parameters<typeof parquetWriteBuffer>[0]));
}

function replay(content: string | Uint8Array, name = "events.ndjson", more: readonly string[] = []): Run {
  const file = folderWith({ "plant.yaml": PLANT, [name]: content });
  return oee(["replay", "--plant", file("plant.yaml"), "--events", file(name), ...more, "--format", "json"]);
}

function fromStandardInput(input: string | Uint8Array): Run {
  const file = folderWith({ "plant.yaml": PLANT });
  return oee(["replay", "--plant", file("plant.yaml"), "--events", "-", "--format", "json"], input);
}

let answer: string | undefined;

/** The answer to the events from plain NDJSON; computed when a test first needs it. */
function expected(): string {
  answer ??= replay(LINES).stdout;
  return answer;
}

it("rows of `oee export --table events` are read as their events, repeats aside; an event that is refused is named by its row", () => {
  const [first = "", ...others] = LINES.trimEnd().split("\n");
  const rowOf = (raw: string, isRepeat: boolean): string =>
    JSON.stringify({
      ...{
        machine: FILLER,
        type: "state",
        at: "2026-03-02T06:00:00.000Z",
        topic: "oee.events",
        partition: 2,
        offset: 7,
      },
      ...{ record_index: 0, received_at: "2026-03-02T06:00:00.000Z", id: null, is_repeat: isRepeat, raw },
    });
  const read = replay([rowOf(first, false), rowOf(first, true), ...others, ""].join("\n"));
  expect(read.stdout).toBe(expected());
  const { status, stderr } = replay(`${rowOf("{}", false)}\n`);
  expect(status).toBe(1);
  expect(stderr).toContain("events.ndjson:1: invalid: ");
});

describe("oee replay: the same events give the same answer", () => {
  it("is an answer", () => {
    expect(JSON.parse(expected())).toHaveLength(4);
  });

  const members = Buffer.concat([gzipSync(LINES.slice(0, 300)), gzipSync(LINES.slice(300))]);
  const strings = tableFromJSON(rows(rfc3339));
  const numbers = tableFromJSON(rows(milliseconds));
  it.each<[string, string, string | Uint8Array]>([
    ["NDJSON with CRLF", "e.ndjson", LINES.replaceAll("\n", "\r\n")],
    ["NDJSON without a last line feed", "e.ndjson", LINES.trimEnd()],
    ["NDJSON with a byte order mark", "e.ndjson", `\ufeff${LINES}`],
    ["NDJSON with blank lines", "e.ndjson", `\n${LINES.replaceAll("\n", "\n \t\r\n\n")}`],
    ["gzip", "e.ndjson.gz", gzipSync(LINES)],
    ["gzip by another name", "events", gzipSync(LINES)],
    ["gzip of several members", "e.ndjson.gz", members],
    ["an Arrow file", "e.arrow", RecordBatchFileWriter.writeAll(strings).toUint8Array(true)],
    ["an Arrow stream", "e.arrows", RecordBatchStreamWriter.writeAll(strings).toUint8Array(true)],
    [
      "an Arrow stream with instants as numbers",
      "e.arrows",
      RecordBatchStreamWriter.writeAll(numbers).toUint8Array(true),
    ],
    [
      "a compressed Arrow stream",
      "e.arrows.gz",
      gzipSync(RecordBatchStreamWriter.writeAll(strings).toUint8Array(true)),
    ],
    ["Parquet", "e.parquet", parquet("UNCOMPRESSED")],
    ["Parquet with Snappy", "e.parquet", parquet("SNAPPY")],
  ])("as %s, from a file and from standard input", (_, name, content) => {
    for (const run of [replay(content, name), fromStandardInput(content)]) {
      expect(run).toMatchObject({ status: 0, stdout: expected() });
      expect(run.stderr).toMatch(/^read 13 events from 1 file/);
    }
  });

  it("through a pipe that has a name", () => {
    const file = folderWith({ "plant.yaml": PLANT, "e.ndjson": LINES });
    const command = `"${process.execPath}" "${OEE}" replay --plant "${file("plant.yaml")}" --events <(cat "${file("e.ndjson")}") --format json`;
    expect(spawnSync("bash", ["-c", command], { encoding: "utf8" })).toMatchObject({ status: 0, stdout: expected() });
  });

  it.skipIf(spawnSync("script", ["--version"]).status !== 0)("with a progress bar on a terminal", () => {
    const file = folderWith({ "plant.yaml": PLANT, "e.ndjson": LINES });
    const command = `"${process.execPath}" "${OEE}" replay --plant "${file("plant.yaml")}" --events "${file("e.ndjson")}"`;
    const { status, stdout } = spawnSync("script", ["-qec", command, "/dev/null"], { encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout).toContain(`\r\u001b[K[${"=".repeat(30)}] 100 %  `);
    expect(stdout).toContain("\r\u001b[Kread 13 events");
  });

  it("in several files, in order, together or apart", () => {
    const half = LINES.indexOf("\n", 500) + 1;
    const file = folderWith({
      "plant.yaml": PLANT,
      "1.ndjson": LINES.slice(0, half),
      "2.ndjson.gz": gzipSync(LINES.slice(half)),
    });
    const plant = ["replay", "--plant", file("plant.yaml"), "--format", "json"];
    expect(oee([...plant, "--events", file("1.ndjson"), file("2.ndjson.gz")]).stdout).toBe(expected());
    expect(oee([...plant, "--events", file("1.ndjson"), "--events", file("2.ndjson.gz")]).stdout).toBe(expected());
    expect(oee([...plant, "--events", file("1.ndjson"), "-"], LINES.slice(half)).stdout).toBe(expected());
  });

  it("TL-1: the order of files is the order of the log: of two states at one instant the later wins", () => {
    const at = "2026-03-02T05:00:00Z";
    const file = folderWith({
      "plant.yaml": PLANT,
      "down.ndjson": ndjson([{ type: "state", machine: FILLER, at, state: "down" }]),
      "running.ndjson": ndjson([{ type: "state", machine: FILLER, at, state: "running" }]),
    });
    const running = (...names: string[]): number => {
      const args = ["--plant", file("plant.yaml"), "--events", ...names.map(file), "--to", "2026-03-02T06:00:00Z"];
      const { stdout } = oee(["replay", ...args, "--scope", FILLER, "--format", "json"]);
      return JSON.parse(stdout)[0].components.runTime;
    };
    expect(running("down.ndjson", "running.ndjson")).toBe(3_600_000);
    expect(running("running.ndjson", "down.ndjson")).toBe(0);
  });
});

describe("oee replay: files of other libraries", () => {
  const file = (name: string): string => fileURLToPath(new URL(`columnar/${name}`, import.meta.url));
  const args = ["--from", "2026-03-02T05:00:00Z", "--to", "2026-03-02T09:00:00Z", "--format", "json"];
  const run = (name: string): Run => oee(["replay", "--plant", file("plant.yaml"), ...args, "--events", file(name)]);
  const reference = run("ref.ndjson");

  it("the reference is 252 events: two hours of running, 3115 good, 192 scrap", () => {
    expect(reference.stderr).toContain("read 252 events");
    expect(JSON.parse(reference.stdout)).toMatchObject([
      { components: { runTime: 7_200_000, goodCount: 3115, scrapCount: 192 } },
    ]);
  });

  it.each([
    ["pandas' default feather: LZ4", "pd-default.feather"],
    ["polars: LZ4", "pl-lz4.arrow"],
    ["pyarrow: ZSTD", "pa-zstd.arrows"],
    ["dictionaries with 64-bit indices", "pa-dict64.arrow"],
    ["decimal128", "pa-dec.arrow"],
    ["decimal32, UUIDs, LZ4", "pa-dec32.arrows"],
    ["decimal64 with a scale, UUIDs, LZ4", "pa-dec64.arrows"],
    ["decimal256 with a scale, UUIDs, LZ4", "pa-dec256.arrows"],
    ["UUIDs as ids", "pa-uuid.arrow"],
    ["Parquet with decimals and UUIDs", "pa-dec.parquet"],
  ])("%s", (_, name) => {
    const { status, stdout, stderr } = run(name);
    expect(stderr).toMatch(/^read 252 events from 1 file .*\n$/);
    expect({ status, stdout }).toEqual({ status: 0, stdout: reference.stdout });
  });

  it.each(["pa-no-zone.arrow", "pa-no-zone.parquet"])(
    "%s: instants without a time zone are UTC, and it is told",
    (name) => {
      const { status, stdout, stderr } = run(name);
      const told = `${file(name)}: the timestamps of "at" have no time zone and were read as UTC\n`;
      expect(stderr).toContain(told);
      expect({ status, stdout }).toEqual({ status: 0, stdout: reference.stdout });
      expect(oee(["check", file("plant.yaml"), "--events", file(name)]).stdout).toContain(told);
    },
  );

  it("the error about run-end encoded columns says what to do", () => {
    const { status, stderr } = run("pa-runs.arrows");
    expect(status).toBe(1);
    expect(stderr).toMatch(/found run-end encoded columns, expected plain ones or dictionaries/);
  });
});

describe("oee replay: JSON and text in other ways", () => {
  const pretty = JSON.stringify(EVENTS, null, 2);
  const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, "utf16le");

  it.each<[string, string | Uint8Array]>([
    ["an array on one line", JSON.stringify(EVENTS)],
    ["an array over lines", pretty],
    ["objects over lines, as jq writes them", EVENTS.map((event) => JSON.stringify(event, null, 2)).join("\n")],
    ["an array in gzip", gzipSync(pretty)],
    ["zlib", deflateSync(LINES)],
    ["UTF-16 as PowerShell writes it", utf16(LINES)],
    ["UTF-16, the other way round", utf16(LINES).swap16()],
    ["UTF-16 without a mark", Buffer.from(LINES, "utf16le")],
    ["UTF-16 in gzip, an array", gzipSync(utf16(pretty))],
  ])("%s", (_, content) => {
    const { status, stdout, stderr } = replay(content, "events.json");
    expect(stderr).not.toContain("refused");
    expect({ status, stdout }).toEqual({ status: 0, stdout: expected() });
  });

  it("the elements of an array that is cut off count, and the missing end is reported", () => {
    const { status, stderr } = replay(pretty.slice(0, -2), "events.json");
    expect(status).toBe(1);
    expect(stderr).toContain("the JSON array has no end");
    expect(stderr).toContain("read 13 events");
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    [
      "CSV",
      "machine;start;end;reason\ns/a/l/m;02.03.2026 06:10;02.03.2026 06:30;jam\n",
      /found CSV with the columns "machine;start;end;reason"/,
    ],
    ["CSV with a mark, quotes and commas", '\ufeff"machine","at"\r\n"s/a/l/m, left","2026-03-02"\r\n', /found CSV/],
    ["CSV in UTF-16", utf16("machine\tat\ns/a/l/m\t1\n"), /found CSV/],
    ["Excel", Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(100)]), /found an Excel workbook/],
    ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 4, 0, 1, 0, 0, 0]), /zstdcat/],
    ["damaged zlib", deflateSync(LINES).fill(255, 20, 60), /the zlib is damaged/],
  ])("%s is told once, with what to do", (_, content, message) => {
    const { status, stdout, stderr } = replay(content, "events.csv");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/malformed: expected JSON/);
  });

  it("the script of docs/cli.md makes events of a downtime log in CSV", () => {
    const [, script = ""] = /```python\n(import csv[^`]*)```/.exec(readFileSync("docs/cli.md", "utf8")) ?? [];
    const input = `machine;start;end;reason\n${FILLER};02.03.2026 06:10;02.03.2026 06:30;jam\n`;
    const { stdout } = spawnSync("python3", ["-c", script], { input, encoding: "utf8" });
    const replayed = replay(stdout, "events.ndjson", ["--stops", "--scope", FILLER]);
    expect(JSON.parse(replayed.stdout)).toMatchObject([
      { from: "2026-03-02T05:10:00.000Z", to: "2026-03-02T05:30:00.000Z", reason: "jam", duration: 1_200_000 },
    ]);
  });

  it("DI-2: instants as databases write them are refused with what is missing", () => {
    const at = (text: string): string => JSON.stringify({ type: "state", machine: FILLER, state: "running", at: text });
    const lines = ["2026-03-02 05:00:00+00", "2026-03-02T05:00:00", "2026-03-02 05:00:00"].map(at).join("\n");
    const { stderr } = replay(lines);
    expect(stderr).toMatch(/:1: invalid: .*"2026-03-02 05:00:00\+00": write a T between date and time, and an offset/);
    expect(stderr).toMatch(/:2: invalid: .*an offset such as Z or \+01:00 is missing/);
    expect(stderr).toMatch(/:3: invalid: .*an offset such as Z or \+01:00 is missing/);
  });
});

describe("oee replay: what is wrong with inputs", () => {
  it("a missing file and a folder are reported, the other files are answered, exit code 1", () => {
    const file = folderWith({ "plant.yaml": PLANT, "e.ndjson": LINES });
    mkdirSync(file("folder.ndjson"));
    const args = ["replay", "--plant", file("plant.yaml"), "--format", "json", "--events", file("e.ndjson")];
    const missing = oee([...args, file("missing.ndjson")]);
    expect(missing).toMatchObject({ status: 1, stdout: expected() });
    expect(missing.stderr).toContain(`${file("missing.ndjson")}: cannot be opened: no such file or directory`);
    const folder = oee([...args, file("folder.ndjson")]);
    expect(folder).toMatchObject({ status: 1, stdout: expected() });
    expect(folder.stderr).toContain(`${file("folder.ndjson")}: found a directory, expected a file of events`);
  });

  it("events before the end of a truncated gzip count", () => {
    const events = Array.from({ length: 20_000 }, (_, i) => ({
      type: "count",
      machine: FILLER,
      at: Date.UTC(2026, 2, 2, 5) + i,
      good: 1 + (i % 3),
    }));
    const whole = gzipSync(ndjson(events));
    const { status, stdout, stderr } = replay(whole.subarray(0, whole.length / 2), "e.ndjson.gz", ["--scope", FILLER]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/e\.ndjson\.gz: the gzip is damaged: unexpected end of file/);
    const good: number = JSON.parse(stdout)[0].components.goodCount;
    const read = Number(/^read ([0-9,]+) events/m.exec(stderr)?.[1]?.replaceAll(",", ""));
    expect(read).toBeGreaterThan(5000);
    expect(good).toBe(events.slice(0, read).reduce((sum, event) => sum + event.good, 0));
  });

  it.each<[string, string, Uint8Array, RegExp]>([
    ["an empty gzip", "e.ndjson.gz", new Uint8Array(), /found an empty file, expected gzip/],
    [
      "wrong bytes within a gzip",
      "e.gz",
      Buffer.concat([gzipSync(LINES).subarray(0, 20), Buffer.alloc(50, 255)]),
      /gzip is damaged/,
    ],
    ["an Arrow file cut off", "e.arrow", Buffer.from("ARROW1\0\0"), /Arrow data cannot be read/],
    ["a Parquet file cut off", "e.parquet", parquet("SNAPPY").subarray(0, 500), /Parquet file is damaged/],
  ])("%s is told", (_, name, content, message) => {
    const { status, stdout, stderr } = replay(content, name);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("DI-2: NUL bytes and what is not UTF-8 are malformed", () => {
    const bytes = Buffer.concat([
      Buffer.from(LINES),
      Buffer.from([0, 0, 0, 10]),
      Buffer.from(`{"type":"state","machine":"`),
      Buffer.from([0xc3, 0x28, 10]),
    ]);
    const { status, stdout, stderr } = replay(bytes);
    expect({ status, stdout }).toEqual({ status: 0, stdout: expected() });
    expect(stderr).toMatch(/^refused 2: 2 malformed/m);
  });

  it("DI-2: no control character of an input reaches the terminal", () => {
    const hostile = JSON.stringify({ type: "\u001b[2J\u009b31m", machine: FILLER });
    const { stderr } = replay(`${LINES}\u001b[2J\u0000\u009b31m\n${hostile}\n`);
    expect(stderr).toMatch(/^refused 2: 1 malformed, 1 invalid/m);
    // oxlint-disable-next-line no-control-regex
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it("DI-2: a line of 100 MB is malformed, and costs no such memory", () => {
    const long = Buffer.concat([Buffer.alloc(100_000_000, "x"), Buffer.from("\n"), Buffer.from(LINES)]);
    const file = folderWith({ "plant.yaml": PLANT, "e.ndjson": long });
    const replayed = [OEE, "replay", "--plant", file("plant.yaml"), "--events", file("e.ndjson"), "--format", "json"];
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--max-old-space-size=64", ...replayed], {
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expected() });
    expect(stderr).toMatch(/e\.ndjson:1: malformed: .*longer/);
    expect(stderr).toMatch(/^refused 1: 1 malformed/m);
  });

  it("rows that are no events are refused with their number", () => {
    const row = { type: "state", machine: FILLER, at: 1_772_427_600_000, state: "running" };
    const table = tableFromJSON([row, { ...row, machine: "berlin/x/y/z" }, { ...row, at: 7 }]);
    const { status, stderr } = replay(RecordBatchFileWriter.writeAll(table).toUint8Array(true), "e.arrow");
    expect(status).toBe(0);
    expect(stderr).toMatch(/e\.arrow:2: unknown-machine/);
    expect(stderr).toMatch(/e\.arrow:3: invalid/);
  });

  it("a file for refused events that cannot be written is reported before anything is read", () => {
    const { status, stdout, stderr } = replay(LINES, "e.ndjson", ["--refused", "/nowhere/refused.ndjson"]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toBe("oee: cannot write /nowhere/refused.ndjson: no such file or directory\n");
  });

  it("a reader of the answer that closes the pipe causes no error message", () => {
    const file = folderWith({ "plant.yaml": PLANT, "e.ndjson": LINES });
    const args = `--plant "${file("plant.yaml")}" --events "${file("e.ndjson")}" --every minute --format csv`;
    const command = `"${process.execPath}" "${OEE}" replay ${args} 2>"${file("stderr")}" | head -1`;
    expect(spawnSync("bash", ["-c", command], { encoding: "utf8" }).stdout).toMatch(/^scope,from,to,/);
    expect(readFileSync(file("stderr"), "utf8")).toMatch(/^read 13 events[^\n]*\n$/);
  });
});
