/** Files in a folder: each row is read once, though the connector is killed, and a row that cannot be used is reported with its line. */
import { copyFileSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parquetWriteBuffer } from "hyparquet-writer";
import { expect, test } from "vitest";
import { runOee, until } from "../live/oee-process.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { Collected, temporaryFolder } from "./peers.ts";

const madeFile = (name: string): string => fileURLToPath(new URL(`made/${name}`, import.meta.url));

const connectionsTo = (folder: string, settings: string, machine: string): string => `
connections:
  exports:
    protocol: files
    folder: ${folder}
    every: 50ms
    ${settings}
    machines:
      ${FILLER}: ${machine}
`;

const COUNTS = "{ signals: { good: { value: Gut, at: Zeit } }, deltas: { good: good } }";
const GERMAN = "{ timezone: Europe/Berlin, dates: 'dd.MM.yyyy HH:mm', decimalComma: true, encoding: windows-1252 }";
const keysOf = (mapping: string): string => mapping.slice(2, -2).replaceAll(/, (?=[a-zA-Z]+:)/g, "\n    ");

const kept = ({ events }: Collected): unknown[] => events.map(({ id: _id, machine: _machine, ...event }) => event);

test("CSV as Excel saves it in German: separator, decimal comma, code page, local times over a clock change; bad rows are reported with their line", async () => {
  const folder = temporaryFolder();
  const text =
    "Zeit;Gut;Prüfer\n25.10.2026 01:30;1.234,5;Jörg\n25.10.2026 02:30;12;Jörg\n25.10.2026 03:30;12;Jörg\n" +
    "31.02.2026 03:30;7;Jörg\n25.10.2026 04:30;viele;Jörg\n25.10.2026 05:30;8;Jörg;x\n25.10.2026 05:30;8;Jörg\n25.10.2026 05:30;8;Jörg\n";
  writeFileSync(join(folder, "good.csv"), Buffer.from(text, "latin1"));
  const receiver = new Collected();
  connectorOf(connectionsTo(folder, keysOf(GERMAN), COUNTS), { receiver, folder: temporaryFolder() });
  await until("the file to be moved", () => readdirSync(folder).includes("failed") || undefined);
  await until("five counts", () => receiver.events.length >= 5 || undefined);
  expect(kept(receiver)).toEqual([
    { type: "count", at: "2026-10-24T23:30:00.000Z", good: 1234.5 },
    // The clocks show this hour twice; its first time is taken.
    { type: "count", at: "2026-10-25T00:30:00.000Z", good: 12 },
    { type: "count", at: "2026-10-25T02:30:00.000Z", good: 12 },
    { type: "count", at: "2026-10-25T04:30:00.000Z", good: 8 },
    { type: "count", at: "2026-10-25T04:30:00.000Z", good: 8 },
  ]);
  // Two equal rows are two events.
  expect(new Set(receiver.events.map(({ id }) => id)).size).toBe(5);
  await until("the report", () => readdirSync(join(folder, "failed")).length === 2 || undefined);
  expect(readFileSync(join(folder, "failed", "good.csv.report.txt"), "utf8")).toBe(
    "8 rows, 5 values, 3 problems\n" +
      '5: good: expected an instant (RFC 3339, ms since 1970, or a local time of timezone and dates), found "31.02.2026 03:30"\n' +
      '6: good: expected a number, found "viele"\n' +
      "7: expected 3 columns, found 4\n",
  );
});

test("a file whose column has another name is reported, and read when it is put back under a connection that knows it", async () => {
  const folder = temporaryFolder();
  const state = temporaryFolder();
  writeFileSync(join(folder, "counts.csv"), "Zeit;Menge\n02.03.2026 06:00;7\n02.03.2026 06:01;8\n");
  const receiver = new Collected();
  const before = connectorOf(connectionsTo(folder, keysOf(GERMAN), COUNTS), { receiver, folder: state });
  await until("the report", () => readdirSync(folder).includes("failed") || undefined);
  await until("the file beside it", () => readdirSync(join(folder, "failed")).length === 2 || undefined);
  expect(readFileSync(join(folder, "failed", "counts.csv.report.txt"), "utf8")).toBe(
    "2 rows, 0 values, 1 problems\nno row has a value of good; the first has Zeit, Menge\n",
  );
  await before.connector.close();
  copyFileSync(join(folder, "failed", "counts.csv"), join(folder, "counts.csv"));
  connectorOf(connectionsTo(folder, keysOf(GERMAN), COUNTS.replace("Gut", "Menge")), { receiver, folder: state });
  await until("two counts", () => receiver.events.length >= 2 || undefined);
  expect(kept(receiver)).toMatchObject([{ good: 7 }, { good: 8 }]);
});

test("two columns of one name: the signal of it is refused with their places, no row is guessed, and the other signals are read", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "counts.csv"), "Zeit;Gut;Aus;Gut\n02.03.2026 06:00;7;1;70\n02.03.2026 06:01;8;2;\n");
  const receiver = new Collected();
  const both =
    "{ signals: { good: { value: Gut, at: Zeit }, scrap: { value: Aus, at: Zeit } }, deltas: { good: good, scrap: scrap } }";
  const { connector } = connectorOf(connectionsTo(folder, keysOf(GERMAN), both), {
    receiver,
    folder: temporaryFolder(),
  });
  await connector.finished();
  expect(kept(receiver)).toEqual([
    { type: "count", at: "2026-03-02T05:00:00.000Z", scrap: 1 },
    { type: "count", at: "2026-03-02T05:01:00.000Z", scrap: 2 },
  ]);
  const why = 'good: columns 2 and 4 are all named "Gut": give each a name of its own';
  expect(readFileSync(join(folder, "failed", "counts.csv.report.txt"), "utf8")).toBe(
    `2 rows, 2 values, 2 problems\n2: ${why}\n3: ${why}\n`,
  );
});

test("a job's cycle and pieces of a file with decimal commas are numbers, its order is as it is written", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "orders.csv"), "Zeit;Artikel;Auftrag;Takt;Stück\n02.03.2026 06:00;cola;4,5;1,25;1.000\n");
  const receiver = new Collected();
  const settings = keysOf(GERMAN.replace(", encoding: windows-1252", ""));
  const picked = (column: string): string => `{ value: ${column}, at: Zeit }`;
  const signals = `product: ${picked("Artikel")}, order: ${picked("Auftrag")}, cycle: ${picked("Takt")}, pieces: ${picked("Stück")}`;
  const mapping = `{ signals: { ${signals} }, product: product, order: order, idealCycleSeconds: cycle, piecesPerCount: pieces }`;
  const { connector } = connectorOf(connectionsTo(folder, settings, mapping), { receiver, folder: temporaryFolder() });
  await connector.finished();
  expect(kept(receiver)).toEqual([
    {
      type: "job",
      at: "2026-03-02T05:00:00.000Z",
      product: "cola",
      order: "4,5",
      idealCycleSeconds: 1.25,
      piecesPerCount: 1000,
    },
  ]);
});

test("a stop with start and end, an order from Excel, hours from Parquet; other files stay", async () => {
  const stops = temporaryFolder();
  writeFileSync(
    join(stops, "stops.ndjson"),
    '{"m":"filler","from":"2026-03-02T05:00:00Z","to":"2026-03-02T05:10:00Z","why":"jam"}\n{"m":"other","from":"2026-03-02T05:00:00Z"}\nno JSON\n',
  );
  writeFileSync(join(stops, "readme.md"), "not this one");
  const orders = temporaryFolder();
  copyFileSync(madeFile("orders.xlsx"), join(orders, "orders.xlsx"));
  const hours = temporaryFolder();
  const column = { name: "at", data: [new Date("2026-03-02T05:00:00Z")], type: "TIMESTAMP" as const };
  const parquet = parquetWriteBuffer({ columnData: [column, { name: "good", data: [3600n], type: "INT64" }] });
  writeFileSync(join(hours, "hours.parquet"), Buffer.from(parquet));
  const text =
    connectionsTo(
      stops,
      "pattern: '*.ndjson'",
      `{ signals: { s: { when: "m = 'filler'", values: "[{'value': 'down', 'at': from}, {'value': 'running', 'at': to}]" } }, state: s }`,
    ) +
    connectionsTo(
      orders,
      "timezone: Europe/Berlin",
      "{ signals: { product: { value: Product, at: Start }, order: { value: Order, at: Start } }, product: product, order: order }",
    ).replace("connections:\n  exports", "  orders") +
    connectionsTo(hours, "", "{ signals: { good: { value: good, at: at } }, deltas: { good: good } }").replace(
      "connections:\n  exports",
      "  hours",
    );
  const receiver = new Collected();
  const { connector } = connectorOf(text, { receiver, folder: temporaryFolder() });
  await connector.finished();
  expect(kept(receiver).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))).toEqual([
    { type: "count", at: "2026-03-02T05:00:00.000Z", good: 3600 },
    { type: "job", at: "2026-03-02T05:00:00.000Z", product: "cola", order: "4711" },
    { type: "job", at: "2026-03-02T09:30:00.000Z", product: "water", order: "4712" },
    { type: "state", at: "2026-03-02T05:00:00.000Z", state: "down" },
    { type: "state", at: "2026-03-02T05:10:00.000Z", state: "running" },
  ]);
  expect(readdirSync(stops).toSorted()).toEqual(["failed", "readme.md"]);
  expect(readFileSync(join(stops, "failed", "stops.ndjson.report.txt"), "utf8")).toContain(
    '3: expected JSON, found "no JSON"',
  );
  expect(readdirSync(join(orders, "done")).toSorted()).toEqual(["orders.xlsx", "orders.xlsx.report.txt"]);
});

test("every minute of a day in Excel is that minute; times of Parquet without a zone are local, those with one are instants", async () => {
  // Written by openpyxl 3.1.5 and pyarrow 26.0.1: 2026-03-02 minute by minute; 06:00 with and without a zone.
  const excel = temporaryFolder();
  copyFileSync(madeFile("minutes.xlsx"), join(excel, "minutes.xlsx"));
  const parquet = temporaryFolder();
  copyFileSync(madeFile("local-times.parquet"), join(parquet, "times.parquet"));
  const text =
    connectionsTo(excel, "timezone: Europe/Berlin", "{ signals: { s: { value: '1', at: at } }, deltas: { good: s } }") +
    connectionsTo(
      parquet,
      "timezone: Europe/Berlin",
      "{ signals: { a: { value: good, at: local }, b: { value: good, at: utc } }, deltas: { scrap: a, rework: b } }",
    ).replace("connections:\n  exports", "  times");
  const receiver = new Collected();
  const { connector } = connectorOf(text, { receiver, folder: temporaryFolder() });
  await connector.finished();
  const ats = (field: string): string[] =>
    receiver.events.filter((event) => field in event).map(({ at }) => String(at));
  const midnight = Date.UTC(2026, 2, 1, 23);
  expect(ats("good").toSorted()).toEqual(
    Array.from({ length: 1440 }, (_, minute) => new Date(midnight + 60_000 * minute).toISOString()),
  );
  expect(ats("scrap")).toEqual(["2026-03-02T05:00:00.000Z"]);
  expect(ats("rework")).toEqual(["2026-03-02T06:00:00.000Z"]);
});

test("rows are not read again when a file is renamed or the connector restarts; a killed connector goes on after the rows that it stored", async () => {
  const folder = temporaryFolder();
  const data = temporaryFolder();
  const ROWS = 20_000;
  const rows = Array.from({ length: ROWS }, (_, i) => `${Date.UTC(2026, 2, 2) + 1000 * i},1`);
  const file = `Zeit,Gut\n${rows.join("\n")}\n`;
  const connections = join(temporaryFolder(), "connections.yaml");
  const mapping = COUNTS.replace("at: Zeit", "at: '$number(Zeit)'");
  writeFileSync(connections, connectionsTo(folder, "", mapping));
  writeFileSync(join(folder, "first.csv"), file);
  // Without a gateway all events wait on disk.
  const connect = (): ReturnType<typeof runOee> =>
    runOee(["connect", "--connections", connections, "--url", "http://127.0.0.1:1", "--data", data]);
  const killed = connect();
  await until("events on disk", () => killed.stderr().includes("cannot be delivered") || undefined);
  await killed.end("SIGKILL");
  const receiver = new Collected();
  const { connector } = connectorOf(connectionsTo(folder, "", mapping), {
    receiver,
    folder: data,
    outboxBytesMax: 1 << 24,
  });
  await connector.finished();
  expect(receiver.events).toHaveLength(ROWS);
  expect(new Set(receiver.events.map(({ id }) => id)).size).toBe(ROWS);
  expect(receiver.events.at(-1)).toMatchObject({
    at: new Date(Date.UTC(2026, 2, 2) + 1000 * (ROWS - 1)).toISOString(),
  });
  writeFileSync(join(folder, "second.csv"), file);
  await until("the second to be moved", () => readdirSync(join(folder, "done")).includes("second.csv") || undefined);
  expect(readFileSync(join(folder, "done", "second.csv.report.txt"), "utf8")).toBe(
    "it was read before, and not again\n",
  );
  expect(receiver.events).toHaveLength(ROWS);
});

test("a file that was half read when the connector was killed is neither read twice nor without its report, though another comes first", async () => {
  const folder = temporaryFolder();
  const data = temporaryFolder();
  const ROWS = 3_000;
  const textOf = (day: number, cellOf: (row: number) => string): string =>
    `Zeit,Gut\n${Array.from({ length: ROWS }, (_, i) => `${Date.UTC(2026, 2, day) + 1000 * i},${cellOf(i)}`).join("\n")}\n`;
  const connections = connectionsTo(folder, "", COUNTS.replace("at: Zeit", "at: '$number(Zeit)'"));
  // The third row cannot be used.
  writeFileSync(
    join(folder, "half.csv"),
    textOf(2, (i) => (i === 2 ? "viele" : "1")),
  );
  const receiver = new Collected();
  receiver.failing = true;
  // Room for some of the rows: the rest waits, as where the connector is killed.
  const first = connectorOf(connections, { receiver, folder: data, outboxBytesMax: 200_000 });
  await until("no room", () => first.told.some((line) => line.startsWith("events wait for room")) || undefined);
  await first.connector.close();
  const older = join(folder, "older.csv");
  writeFileSync(
    older,
    textOf(3, () => "1"),
  );
  utimesSync(older, 0, 0);
  // What the first run had is delivered now.
  receiver.failing = false;
  const { connector } = connectorOf(connections, { receiver, folder: data, outboxBytesMax: 1 << 24 });
  await connector.finished();
  expect(receiver.events).toHaveLength(2 * ROWS - 1);
  expect(readFileSync(join(folder, "failed", "half.csv.report.txt"), "utf8")).toBe(
    `${ROWS} rows, ${ROWS - 1} values, 1 problems\n4: good: expected a number, found "viele"\n`,
  );
});
