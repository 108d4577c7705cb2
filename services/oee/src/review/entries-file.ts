/**
 * A file of entries: NDJSON, an entry a line, as the topic of entries has them; or YAML for people, with entries by kind and
 * questions that are asked of the record.
 */
import { readFile } from "node:fs/promises";
import { type EntryType, isJsonObject } from "@oee/model";
import { parse } from "yaml";
import { Failure, reasonOf } from "../failure.ts";

export type Fields = Readonly<Record<string, unknown>>;

export interface EntriesFile {
  /** In the order in which they were given. */
  readonly entries: readonly unknown[];
  readonly questions: Readonly<Record<QuestionKind, readonly Fields[]>>;
}

const QUESTIONS = ["paretos", "decompositions", "scorecards", "benchmarks"] as const;

export type QuestionKind = (typeof QUESTIONS)[number];

const KINDS: Readonly<Record<string, EntryType>> = {
  baselines: "baseline",
  targets: "target",
  pilots: "pilot",
  actions: "action",
  reviews: "review",
  acknowledgements: "acknowledgement",
  closings: "closing",
  structures: "structure",
};

/** Throws `Failure`: the file cannot be read, or holds something else. */
export async function readEntriesFile(file: string): Promise<EntriesFile> {
  const text = await textOf(file);
  return /\.ya?ml$/i.test(file) ? fromYaml(file, text) : fromLines(file, text);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Failure(`cannot read the entries ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

function fromLines(file: string, text: string): EntriesFile {
  const entries = text.split("\n").flatMap((line, i): unknown[] => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line)];
    } catch {
      throw new Failure(`${file}:${i + 1}: expected an entry as a JSON object`);
    }
  });
  return { entries, questions: { paretos: [], decompositions: [], scorecards: [], benchmarks: [] } };
}

function fromYaml(file: string, text: string): EntriesFile {
  let root: unknown;
  try {
    root = parse(text) as unknown;
  } catch (error) {
    throw new Failure(`${file} is no YAML: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (root === null) return fromLines(file, "");
  if (!isJsonObject(root)) throw new Failure(`${file}: expected a mapping of ${listed()}`);
  const fields = root;
  const unknown = Object.keys(fields).find((key) => !(key in KINDS) && !isQuestion(key));
  if (unknown !== undefined)
    throw new Failure(`${file}: found the unknown key "${unknown}", expected one of ${listed()}`);
  const listOf = (key: string): readonly Fields[] => {
    const list = fields[key] ?? [];
    if (!Array.isArray(list) || !list.every(isJsonObject))
      throw new Failure(`${file}: ${key}: expected a list of mappings`);
    return list;
  };
  const entries = Object.entries(KINDS).flatMap(([key, type]) => listOf(key).map((entry) => ({ type, ...entry })));
  return {
    entries,
    questions: {
      paretos: listOf("paretos"),
      decompositions: listOf("decompositions"),
      scorecards: listOf("scorecards"),
      benchmarks: listOf("benchmarks"),
    },
  };
}

function isQuestion(key: string): key is QuestionKind {
  return (QUESTIONS as readonly string[]).includes(key);
}

function listed(): string {
  return [...Object.keys(KINDS), ...QUESTIONS].join(", ");
}
