/** One YAML text as a value of a settings file, read by one reader, for its tests. */
import { readDocument } from "./document.ts";
import type { Value } from "./value.ts";
import { Problems } from "./problem.ts";

/** What a reader makes of the text, and the problems that it told of it. */
export function readOf<T>(
  text: string,
  read: (value: Value, problems: Problems) => T,
): { readonly read: T; readonly said: readonly string[] } {
  const problems = new Problems("plant.yaml", text);
  const value = readDocument(text, problems);
  if (value === null) throw new Error(`${text} is no YAML`);
  const made = read(value, problems);
  return { read: made, said: problems.inOrder().map(({ line, column, message }) => `${line}:${column} ${message}`) };
}
