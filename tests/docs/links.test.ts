/** Links between pages lead somewhere: the file exists, and so does the heading. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { files, ROOT, textOf } from "./repository.ts";

const pages = files("*.md");

test.each(pages)("links of %s", (page) => {
  const broken: string[] = [];
  const text = textOf(page).replaceAll(/^```.*?^```$/gms, "");
  for (const [, target = ""] of text.matchAll(/\]\(<?([^)>\s]+)>?[^)]*\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : join(dirname(page), path);
    if (!existsSync(join(ROOT, file))) broken.push(`${target}: no such file`);
    else if (anchor !== undefined && file.endsWith(".md") && !anchorsOf(textOf(file)).has(anchor)) {
      broken.push(`${target}: no such heading`);
    }
  }
  expect(broken).toEqual([]);
});

/** As GitHub makes them. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = markdown.replaceAll(/^```.*?^```$/gms, "").matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}
