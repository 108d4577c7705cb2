/** The plant file of a command: read, checked, and every problem told with file, line and column. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { formatProblem, parsePlant, type Plant, type ZoneDatabase } from "@oee/model";
import { Failure, reasonOf } from "./failure.ts";
import { counted } from "./output/for-people.ts";

/** Throws `Failure`: the file cannot be read, or is refused; its message has a line for each problem. */
export async function plantFromFile(file: string, zones: ZoneDatabase): Promise<Plant> {
  return plantFromText(await textOf(file), file, zones);
}

/** The plant of a text that was read from a file. Throws `Failure`: it is refused. */
export function plantFromText(text: string, file: string, zones: ZoneDatabase): Plant {
  const result = parsePlant(text, file, zones);
  if (result.ok) return result.plant;
  const { problems, more } = result;
  const count = problems.length + more;
  const shown = problems.slice(0, count > PROBLEMS_SHOWN_MAX ? FIRST_SHOWN : PROBLEMS_SHOWN_MAX);
  const lines = shown.map((problem) => `\n${formatProblem(problem)}`);
  if (count > shown.length) lines.push(`\n… and ${count - shown.length} more: mend the first and look again`);
  throw new Failure(`${file} is refused, ${counted(count, "problem")}:${lines.join("")}`);
}

/** Of more problems only the first are shown, for the others mostly follow from them. */
const PROBLEMS_SHOWN_MAX = 100;
const FIRST_SHOWN = 10;

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
