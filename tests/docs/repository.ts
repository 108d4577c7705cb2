/** The repository's files, as git knows them, and what is in a page of documentation. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT: string = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Paths from the root, of files that are tracked or could be. */
export function files(...patterns: readonly string[]): readonly string[] {
  const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "--deduplicate", "--", ...patterns], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (listed.status !== 0) throw new Error(`git ls-files: ${listed.stderr}`);
  return listed.stdout.split("\n").filter((path) => path !== "");
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

export interface Block {
  /** What stands after the three backticks: a language, and more. */
  readonly info: string;
  readonly text: string;
  readonly line: number;
}

export function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map((match) => ({
    info: match[1] ?? "",
    text: match[2] ?? "",
    line: markdown.slice(0, match.index).split("\n").length,
  }));
}

/** The cells of all rows of all tables, without the rows that only part. */
export function tableRowsOf(markdown: string): readonly (readonly string[])[] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^[|\s:-]+$/.test(line))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf("|"))
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll("\\|", "|")),
    );
}

/** All that stands in backticks in a cell. */
export function codesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
}
