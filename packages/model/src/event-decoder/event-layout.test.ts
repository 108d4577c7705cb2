import { expect, test } from "vitest";
import { AT_NUMBER, END, type LayoutNode, MACHINE_TEXT, ValueMarks } from "./event-layout.ts";

/** Learns the layout of a text whose values are marked by `<` and `>`, of these kinds in turn. */
function learn(nodes: LayoutNode[], marked: string, kinds: readonly number[]): number {
  const marks = new ValueMarks();
  let text = "";
  for (const [i, part] of marked.split(/[<>]/).entries()) {
    if (i % 2 === 1) marks.add(kinds[(i - 1) / 2] ?? END, text.length, text.length + part.length);
    text += part;
  }
  return marks.addTo(nodes, new TextEncoder().encode(text), 0, text.length, 0x73, false, []);
}

test("a layout is its literals and the kinds of values between them; a second event of it adds nothing", () => {
  const nodes: LayoutNode[] = [];
  // {"m":" then a machine, ","at": then a number, } and the end.
  expect(learn(nodes, '{"m":"<a>","at":<1>}', [MACHINE_TEXT, AT_NUMBER])).toBe(3);
  expect(learn(nodes, '{"m":"<bb>","at":<23>}', [MACHINE_TEXT, AT_NUMBER])).toBe(0);
  const [first] = nodes;
  expect([first?.kind, first?.words.length, first?.restLength]).toEqual([MACHINE_TEXT, 1, 2]);
  expect(first?.next.map(({ kind, next }) => [kind, next.map((node) => node.kind)])).toEqual([[AT_NUMBER, [END]]]);
});

test("layouts that begin alike share their first nodes", () => {
  const nodes: LayoutNode[] = [];
  learn(nodes, '{"m":"<a>","at":<1>}', [MACHINE_TEXT, AT_NUMBER]);
  // Only what differs: the literal "} and the end.
  expect(learn(nodes, '{"m":"<a>"}', [MACHINE_TEXT])).toBe(1);
  expect([nodes.length, nodes[0]?.next.length]).toEqual([1, 2]);
});

test("no layout is learned of an event with a line break, of more than 16 values, or of more than 1,024 bytes", () => {
  const nodes: LayoutNode[] = [];
  expect(learn(nodes, '{"m":"<a>"\n}', [MACHINE_TEXT])).toBe(0);
  expect(
    learn(
      nodes,
      "<1>,".repeat(17),
      Array.from({ length: 17 }, () => AT_NUMBER),
    ),
  ).toBe(0);
  expect(learn(nodes, `{"m":"<a>"${" ".repeat(1_020)}}`, [MACHINE_TEXT])).toBe(0);
  expect(nodes).toEqual([]);
});
