/**
 * `oee connect products` writes the products of an ERP, read from a file or a database, into the plant file, whose
 * comments stay.
 */
import { readFile, realpath, rename, writeFile } from "node:fs/promises";
import { fileRows, queriedRows } from "@oee/connectors";
import { formatProblem, parsePlant } from "@oee/model";
import { type Command, Option } from "commander";
import { type Document, isMap, parseDocument } from "yaml";
import { Failure, reasonOf, UsageError } from "../failure.ts";
import { counted } from "../output/for-people.ts";
import { type ZoneSettings, zoneOption, zonesOf } from "../zone-folder.ts";

const FIELDS = ["name", "idealCycleSeconds", "taktSeconds", "piecesPerCount"] as const;
const QUERY_TIMEOUT_MS = 60_000;

interface ProductsSettings extends ZoneSettings {
  readonly plant?: string;
  readonly sql?: string;
  readonly query?: string;
  readonly columns?: string;
  readonly dryRun?: boolean;
}

export function defineProducts(command: Command): void {
  command
    .description(
      "Takes products of an ERP into the plant file: those of a file (CSV, NDJSON, JSON, Excel, Parquet), or of a query.\n" +
        "The plant file is written only when it is sound with them; its comments and its other products stay.",
    )
    .argument("[file]", "with a row a product: id, name, idealCycleSeconds, taktSeconds, piecesPerCount")
    .addOption(new Option("--plant <file>", "the plant file").env("OEE_PLANT"))
    .addOption(new Option("--sql <url>", "postgres://… of a database, in place of a file").env("OEE_CONNECT_SQL"))
    .option("--query <query>", "what to ask the database for")
    .option("--columns <list>", "columns of other names, such as id=Artikel,name=Bezeichnung")
    .option("--dry-run", "tells what would change, and writes nothing")
    .addOption(zoneOption())
    .action(takeProducts);
}

async function takeProducts(file: string | undefined, settings: ProductsSettings): Promise<void> {
  const { plant } = settings;
  if (plant === undefined) throw new UsageError("expected --plant FILE");
  const columns = columnsIn(settings.columns);
  const rows = await rowsFrom(file, settings);
  const text = await readFile(plant, "utf8").catch((error: unknown) => {
    throw new Failure(`cannot read the plant file ${plant}: ${reasonOf(error)}`, { cause: error });
  });
  const document = parseDocument(text);
  let [added, changed] = [0, 0];
  for (const [i, row] of rows.entries()) {
    const cellOf = (field: string): unknown => {
      try {
        return (row as Readonly<Record<string, unknown>>)[columns.get(field) ?? field];
      } catch (error) {
        throw new Failure(`row ${i + 1}: ${reasonOf(error)}`, { cause: error });
      }
    };
    const id = textOf(cellOf("id"));
    if (id === null) throw new Failure(`row ${i + 1}: expected ${columns.get("id") ?? "id"}`);
    const had = isMap(document.getIn(["products", id]));
    const news = FIELDS.filter((field) => setField(document, id, field, cellOf(field)));
    if (!had && news.length === 0) document.setIn(["products", id], {});
    if (!had) added++;
    else if (news.length > 0) changed++;
  }
  const written = document.toString({ lineWidth: 0 });
  const result = parsePlant(written, plant, zonesOf(settings));
  if (!result.ok) {
    const lines = result.problems.map((problem) => `\n${formatProblem(problem)}`).join("");
    throw new Failure(`${plant} would be refused with these products, and is left as it was:${lines}`);
  }
  if (settings.dryRun !== true && added + changed > 0) await replaceFile(plant, written);
  process.stdout.write(`${plant}: ${counted(rows.length, "product")}, ${added} added, ${changed} changed\n`);
}

/** Whether it is news. An empty cell leaves what there is. */
function setField(document: Document, id: string, field: (typeof FIELDS)[number], cell: unknown): boolean {
  const text = textOf(cell);
  if (text === null) return false;
  const value = field === "name" ? text : numberIn(text);
  const path = ["products", id, field];
  if (document.getIn(path) === value) return false;
  document.setIn(path, value);
  return true;
}

/** `null`: the cell is empty. */
function textOf(cell: unknown): string | null {
  if (cell === undefined || cell === null || cell === "") return null;
  return typeof cell === "string" ? cell : JSON.stringify(cell);
}

/** As a spreadsheet writes it, with a decimal comma too; a text that is no number is refused by the plant file. */
function numberIn(text: string): number | string {
  const number = Number(/^\d+,\d+$/.test(text) ? text.replace(",", ".") : text);
  return Number.isFinite(number) ? number : text;
}

function columnsIn(list: string | undefined): ReadonlyMap<string, string> {
  const known: readonly string[] = ["id", ...FIELDS];
  const columns = new Map<string, string>();
  for (const part of list?.split(",") ?? []) {
    const [field = "", column] = part.split("=");
    if (!known.includes(field) || column === undefined) {
      throw new UsageError(`--columns: found ${JSON.stringify(part)}, expected ${known.join(", ")}, each =COLUMN`);
    }
    columns.set(field, column);
  }
  return columns;
}

async function rowsFrom(file: string | undefined, { sql, query }: ProductsSettings): Promise<readonly unknown[]> {
  if ((file === undefined) === (sql === undefined)) throw new UsageError("expected a file, or --sql URL");
  if (file === undefined) {
    if (query === undefined || sql === undefined) throw new UsageError("--sql: expected --query too");
    const asked = { url: sql, password: null, query, timeoutMs: QUERY_TIMEOUT_MS };
    return queriedRows(asked, AbortSignal.timeout(QUERY_TIMEOUT_MS)).catch((error: unknown) => {
      throw new Failure(`the database: ${reasonOf(error)}`, { cause: error });
    });
  }
  const options = { format: null, separator: null, encoding: "utf-8", sheet: null };
  let rows: Awaited<ReturnType<typeof fileRows>>;
  try {
    rows = await fileRows(await readFile(file), options);
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${reasonOf(error)}`, { cause: error });
  }
  return rows.map(({ number, row, why }) => {
    if (why !== null) throw new Failure(`${file}:${number}: ${why}`);
    return row;
  });
}

/** A reader sees the file before or the file after, and never a half of it. */
async function replaceFile(file: string, text: string): Promise<void> {
  const path = await realpath(file);
  const beside = `${path}.new`;
  await writeFile(beside, text);
  await rename(beside, path);
}
