/** Where an error was, in our sources: the command runs a bundle of them, beside which maps say what came from where. */
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

const maps = new Map<string, SourceMap | null>();

/** `null`: it has none. Read when the first error tells of the file, for at the start it would take longer than the code. */
function mapOf(file: string): SourceMap | null {
  let map = maps.get(file);
  if (map === undefined) {
    try {
      map = new SourceMap(JSON.parse(readFileSync(new URL(`${file}.map`), "utf8")));
    } catch {
      map = null;
    }
    maps.set(file, map);
  }
  return map;
}

/** The stack of an error; places that no map knows stay as they are. */
export function sourceStack(stack: string): string {
  return stack.replaceAll(/(file:[^\s()]+\.js):(\d+):(\d+)/g, (place, file: string, line: string, column: string) => {
    const found = mapOf(file)?.findOrigin(Number(line), Number(column));
    if (found === undefined || !("fileName" in found)) return place;
    return `${fileURLToPath(new URL(found.fileName, file))}:${found.lineNumber}:${found.columnNumber}`;
  });
}
