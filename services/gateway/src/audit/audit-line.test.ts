import { expect, test } from "vitest";
import { type AuditLine, bytesOfLine, chained, CHAIN_START, lineIn } from "./audit-line.ts";

const LINE: AuditLine = {
  at: 1_764_547_200_000,
  who: "p1",
  kind: "correction",
  what: "c1",
  scope: "berlin/packing",
  from: "10.0.0.7",
  before: null,
  after: { reason: "jam" },
  seen: { offset: 4, hash: CHAIN_START },
};

test("a line is read as it was written; other bytes are none", () => {
  expect(lineIn(bytesOfLine(LINE))).toEqual(LINE);
  for (const text of ["", "null", "[]", "{}", '{"at":"now","kind":"a","scope":"*"}']) {
    expect(lineIn(Buffer.from(text))).toBeNull();
  }
  expect(lineIn(null)).toBeNull();
});

test("a line altered by one character changes the hash of every line after it", () => {
  const hashesOf = (lines: readonly AuditLine[]): string[] => {
    let hash = CHAIN_START;
    return lines.map((line) => (hash = chained(hash, bytesOfLine(line))));
  };
  const hashes = hashesOf([LINE, LINE, LINE]);
  expect(new Set(hashes).size).toBe(3);
  const altered = hashesOf([{ ...LINE, scope: "berlin/Packing" }, LINE, LINE]);
  expect(altered.filter((hash, i) => hash === hashes[i])).toEqual([]);
});
