/** All formats of `oee replay` hold the same values. */
import { tableFromIPC } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { EVENTS, FILLER, folderWith, ndjson, oee, PLANT, type Run } from "./oee.ts";

const QUESTIONS = [
  ["--by", "product"],
  ["--by", "line"],
  ["--every", "shift", "--scope", "berlin"],
  ["--every", "hour", "--by", "enterprise"],
  ["--every", "minute"],
  ["--stops"],
  ["--every", "shift", "--scope", "albany"],
];

/** Texts of an order or reason may hold anything. */
const ODD = [...EVENTS, { type: "job", machine: FILLER, at: "2026-03-02T09:00:00Z", product: 'cola, "light"\nü' }];

type FlatRecord = Readonly<Record<string, unknown>>;

function replay(question: readonly string[], format: string): Run {
  const file = folderWith({ "plant.yaml": PLANT, "e.ndjson": ndjson(ODD) });
  const run = oee([
    "replay",
    "--plant",
    file("plant.yaml"),
    "--events",
    file("e.ndjson"),
    ...question,
    "--format",
    format,
  ]);
  expect(run.status).toBe(0);
  return run;
}

/** JSON's elements with components and KPIs laid flat. */
function flatJson(question: readonly string[]): readonly FlatRecord[] {
  const elements: readonly (FlatRecord & { components?: FlatRecord; kpis?: FlatRecord })[] = JSON.parse(
    replay(question, "json").stdout,
  );
  return elements.map(({ components, kpis, ...rest }) => ({ ...rest, ...components, ...kpis }));
}

/** A small parser of CSV (RFC 4180), independent of the product's writer. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  const pattern = /("(?:[^"]|"")*"|[^",\n]*)(,|\n)/gy;
  let record: string[] = [];
  for (const [, field = "", separator] of text.matchAll(pattern)) {
    record.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (separator === ",") continue;
    records.push(record);
    record = [];
  }
  return records;
}

describe.each(QUESTIONS.map((question) => ({ question })))("oee replay $question", ({ question }) => {
  it("CSV has a column per field of JSON, and the same values unrounded", () => {
    const expected = flatJson(question);
    const [header = [], ...records] = parseCsv(replay(question, "csv").stdout);
    const written = expected.map((element) =>
      Object.values(element).map((value) => (value === null ? "" : `${value as string | number | boolean}`)),
    );
    expect(records).toEqual(written);
    for (const element of expected) expect(header).toEqual(Object.keys(element));
    expect(header.length).toBeGreaterThan(10);
  });

  it("Arrow has a column per field of JSON, and the same values unrounded", () => {
    const expected = flatJson(question);
    const table = tableFromIPC(replay(question, "arrow").bytes);
    const records = table.toArray().map((row) => {
      const record: Record<string, unknown> = row.toJSON();
      const instants = { from: new Date(Number(record["from"])), to: new Date(Number(record["to"])) };
      return { ...record, from: instants.from.toISOString(), to: instants.to.toISOString() };
    });
    expect(records).toEqual(expected);
    for (const element of expected) expect(table.schema.fields.map(({ name }) => name)).toEqual(Object.keys(element));
  });
});

describe("oee replay --format table", () => {
  it("is what comes without --format, with percentages, durations and local times for people", () => {
    const file = folderWith({ "plant.yaml": PLANT, "e.ndjson": ndjson(EVENTS) });
    const args = ["replay", "--plant", file("plant.yaml"), "--events", file("e.ndjson"), "--scope", FILLER];
    const lines = oee(args).stdout.split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]?.split(/ {2,}/)).toEqual([
      "scope",
      "from",
      "to",
      "time zone",
      "OEE",
      "availability",
      "performance",
      "quality",
      "running",
      "minor stops",

      "stops",
      "good",
      "scrap",
      "MTTR",
      "MTBF",
      "cost of stops",
    ]);
    expect(lines[1]?.trim().split(/ {2,}/)).toEqual([
      FILLER,
      "2026-03-02 06:00",
      "2026-03-02 17:00",
      "Europe/Berlin",
      "18.6 %",
      "95.5 %",
      "19.6 %",
      "99.2 %",
      "10 h 28 min",
      "2 min",
      "30 min",
      "4,900",
      "40",
      "30 min",
      "10 h 28 min",
      "450.00",
    ]);
  });

  it("lists stops, with a dash for what is not known", () => {
    const lines = replay(["--stops", "--scope", FILLER], "table").stdout.split("\n");
    expect(lines[1]).toMatch(
      /2026-03-02 08:00 +2026-03-02 08:30 +Europe\/Berlin +30 min +failure +down +jam +2026-03-02 early +cola +anna$/,
    );
    expect(lines[2]).toMatch(/ 2 min +minor stop +idle +– +2026-03-02 late +cola, "light"�ü +–$/);
  });

  it("P-4: marks performance above 1", () => {
    const count = { type: "count", machine: FILLER, at: "2026-03-02T10:00:00Z", good: 50_000 };
    const file = folderWith({ "plant.yaml": PLANT, "e.ndjson": ndjson([...EVENTS, count]) });
    const { stdout } = oee(["replay", "--plant", file("plant.yaml"), "--events", file("e.ndjson"), "--scope", FILLER]);
    expect(stdout).toMatch(/ 21[0-9]\.[0-9] % ! /);
    expect(stdout).toMatch(/^! performance above 100 %/m);
  });

  it("prints a note where there is no row", () => {
    expect(replay(["--stops", "--scope", "albany"], "table").stdout).toBe("no stops\n");
  });
});
