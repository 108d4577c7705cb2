/** The connections file of a command: read, checked, and every problem told with file, line and column. */
import { readFile } from "node:fs/promises";
import { type Connection, parseConnections } from "@oee/connectors";
import { formatProblem } from "@oee/model";
import { Failure, reasonOf } from "./failure.ts";
import { counted } from "./output/for-people.ts";

/** `machines` are those of the plant, `null` where none is at hand. Throws `Failure`. */
export async function connectionsFromFile(
  file: string,
  machines: ReadonlySet<string> | null,
): Promise<readonly Connection[]> {
  const result = parseConnections(await textOf(file), file, machines, process.env);
  if (result.ok) return result.connections;
  const lines = result.problems.map((problem) => `\n${formatProblem(problem)}`).join("");
  throw new Failure(`${file} is refused, ${counted(result.problems.length, "problem")}:${lines}`);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Failure(`cannot read the connections file ${file}: ${reasonOf(error)}`, { cause: error });
  }
}
