/** The lists of OWASP ASVS and of IEC 62443-3-3: complete, each row with an answer, and every test that they name is there. */
import { basename } from "node:path";
import { expect, test } from "vitest";
import { files, tableRowsOf, textOf } from "./repository.ts";

/** How many requirements the chapters of ASVS 4.0.3 have by section, of which levels 1 and 2 ask; without those in between that they do not. */
const SECTIONS: Readonly<Record<string, readonly [count: number, ...without: readonly number[]]>> = {
  ...{ "1.1": [7], "1.2": [4], "1.4": [5, 2, 3], "1.5": [4], "1.6": [4], "1.7": [2], "1.8": [2], "1.9": [2] },
  ...{ "1.10": [1], "1.11": [2], "1.12": [2, 1], "1.14": [6] },
  ...{ "2.1": [12], "2.2": [3], "2.3": [3], "2.4": [5], "2.5": [7], "2.6": [3], "2.7": [6], "2.8": [7], "2.9": [3] },
  ...{ "2.10": [4], "3.1": [1], "3.2": [4], "3.3": [4], "3.4": [5], "3.5": [3], "3.7": [1] },
  ...{ "4.1": [5, 4], "4.2": [2], "4.3": [3], "5.1": [5], "5.2": [8], "5.3": [10], "5.4": [3], "5.5": [4] },
  ...{ "6.1": [3], "6.2": [6], "6.3": [2], "6.4": [2], "7.1": [4], "7.2": [2], "7.3": [4, 2], "7.4": [3] },
  ...{ "8.1": [4], "8.2": [3], "8.3": [8], "9.1": [3], "9.2": [4], "10.2": [2], "10.3": [3], "11.1": [8] },
  ...{ "12.1": [3], "12.2": [1], "12.3": [6], "12.4": [2], "12.5": [2], "12.6": [1] },
  ...{ "13.1": [5, 2], "13.2": [6, 4], "13.3": [2], "13.4": [2] },
  ...{ "14.1": [4], "14.2": [6], "14.3": [3, 1], "14.4": [7], "14.5": [4] },
};

/** Level 2 system requirements of IEC 62443-3-3 that are not told to be the operator's alone. */
const SYSTEM_REQUIREMENTS =
  "1.1 1.2 1.3 1.4 1.5 1.7 1.8 1.9 1.10 1.11 1.12 1.13 2.1 2.4 2.5 2.6 2.8 2.9 2.10 2.11 3.1 3.3 3.4 3.5 3.6 3.7 3.8 3.9 " +
  "4.1 4.2 4.3 5.1 5.2 5.4 6.1 6.2 7.1 7.2 7.3 7.4 7.6 7.7 7.8";

interface Row {
  readonly numbers: readonly string[];
  readonly answer: string;
}

/** The rows of a page whose first cell begins with such numbers. */
function rowsOf(page: string, number: RegExp): readonly Row[] {
  return tableRowsOf(textOf(page))
    .filter(([first = ""]) => number.test(first))
    .map(([first = "", , answer = ""]) => ({ numbers: first.split(", ").flatMap(numbersIn), answer }));
}

/** `2.1.1–2.1.4` is four of them. */
function numbersIn(text: string): readonly string[] {
  const [from = "", to] = text.split("–");
  if (to === undefined) return [from];
  const section = from.slice(0, from.lastIndexOf("."));
  const [first, last] = [from, to].map((one) => Number(one.slice(one.lastIndexOf(".") + 1)));
  return Array.from({ length: (last ?? 0) - (first ?? 0) + 1 }, (_, i) => `${section}.${(first ?? 0) + i}`);
}

const ASVS = rowsOf("docs/access.md", /^\d+\.\d+\.\d+/);
const IEC = rowsOf("docs/network.md", /^\d+\.\d+(?:,|$)/);

test("each requirement of ASVS 4.0.3, levels 1 and 2, stands in docs/access.md, once", () => {
  const asked = Object.entries(SECTIONS).flatMap(([section, [count, ...without]]) =>
    Array.from({ length: count }, (_, i) => i + 1)
      .filter((number) => !without.includes(number))
      .map((number) => `${section}.${number}`),
  );
  expect(asked).toHaveLength(259);
  expect(ASVS.flatMap(({ numbers }) => numbers).toSorted()).toEqual(asked.toSorted());
});

test("each system requirement of IEC 62443-3-3, level 2, that an application can meet stands in docs/network.md, once", () => {
  expect(IEC.flatMap(({ numbers }) => numbers).toSorted()).toEqual(SYSTEM_REQUIREMENTS.split(" ").toSorted());
});

test("each row says how it is met, or that and why it is not, and every test that it names is there", () => {
  const tests = files("*.test.ts", "*.test.tsx");
  const missing: string[] = [];
  let named = 0;
  for (const { numbers, answer } of [...ASVS, ...IEC]) {
    expect([numbers[0], answer]).toEqual([
      numbers[0],
      expect.stringMatching(/^(?:met|partly|missing|operator|n\/a)\b/),
    ]);
    for (const [, file = "", title = ""] of answer.matchAll(/`([\w/-]+\.test): ([^`]+)`/g)) {
      named++;
      const found = tests.filter((path) =>
        file.includes("/") ? path.startsWith(file) : basename(path).startsWith(`${file}.`),
      );
      const titles = found.flatMap((path) => titlesIn(textOf(path)));
      if (!titles.some((one) => one.includes(title))) missing.push(`${numbers[0]} ${file}: ${title}`);
    }
  }
  expect(missing).toEqual([]);
  expect(named).toBeGreaterThan(100);
});

/** Texts in the source of a test, among them the titles of its tests. */
function titlesIn(source: string): readonly string[] {
  return [...source.matchAll(/"((?:[^"\\\n]|\\.)+)"/g)].map(([, text = ""]) => text.replaceAll("\\", ""));
}
