/** The plant file of a command: read, checked, and every problem told with file, line and column. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { formatProblem, parsePlant, type Plant, type ZoneDatabase } from "@oee/model";
import { Failure, reasonOf } from "./failure.ts";
import { counted } from "./output/for-people.ts";

/** Throws `Failure`: the file cannot be read, or is refused; its message has a line for each problem. */
export async function plantFromFile(file: string, zones: ZoneDatabase): Promise<Plant> {
  const result = parsePlant(await textOf(file), file, zones);
  if (result.ok) return result.plant;
  const { problems } = result;
  const lines = problems.slice(0, PROBLEMS_SHOWN_MAX).map((problem) => `\n${formatProblem(problem)}`);
  if (problems.length > PROBLEMS_SHOWN_MAX) lines.push(`\n… and ${problems.length - PROBLEMS_SHOWN_MAX} more`);
  throw new Failure(`${file} is refused, ${counted(problems.length, "problem")}:${lines.join("")}`);
}

const PROBLEMS_SHOWN_MAX = 100;

async function textOf(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new Failure(`cannot read the plant file ${file}: ${reasonOf(error)}`, { cause: error });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Failure(`${file} is no plant file: found bytes that are not UTF-8, expected YAML in UTF-8`, {
      cause: error,
    });
  }
}

/** The plant that is used where none is named. */
export function demoPlantFile(): string {
  return fileURLToPath(import.meta.resolve("@oee/simulator/plants/demo.yaml"));
}
