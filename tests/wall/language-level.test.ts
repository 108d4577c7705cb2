/** W-7: the built dashboards run on Chromium 79: their files have no syntax, built-in or CSS of a later version. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "vite";
import { beforeAll, describe, expect, test } from "vitest";
import { DIST } from "../../dashboards/test/scripted-gateway.ts";
import { ensureBuilt } from "./wall.ts";

beforeAll(ensureBuilt);

function built(ending: string): readonly { readonly name: string; readonly text: string }[] {
  return readdirSync(join(DIST, "assets"))
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ name, text: readFileSync(join(DIST, "assets", name), "utf8") }));
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

/** Names the syntax, with the Chromium version that brought it, if a node of the parsed script needs Chromium 80 or later; else null. */
function lateSyntax(node: Node): string | null {
  switch (node.type) {
    case "ChainExpression":
      return "?. (80)";
    case "LogicalExpression":
      return node["operator"] === "??" ? "?? (80)" : null;
    case "AssignmentExpression":
      return ["??=", "||=", "&&="].includes(String(node["operator"])) ? `${String(node["operator"])} (85)` : null;
    case "StaticBlock":
      return "static block (94)";
    case "PrivateIdentifier":
      return null;
    case "MethodDefinition":
      return isNode(node["key"]) && node["key"].type === "PrivateIdentifier" ? "private method (84)" : null;
    case "BinaryExpression":
      return node["operator"] === "in" && isNode(node["left"]) && node["left"].type === "PrivateIdentifier"
        ? "#x in (91)"
        : null;
    case "Literal":
      return isNode(node["regex"]) || /[dv]/.test((node["regex"] as { flags?: string } | undefined)?.flags ?? "")
        ? "RegExp flag (90)"
        : null;
    default:
      return null;
  }
}

/** Methods and globals of Chromium 80 and later: a built script must not call them. */
const LATE_MEMBERS = new Set([
  "at",
  "replaceAll",
  "hasOwn",
  "findLast",
  "findLastIndex",
  "toSorted",
  "toReversed",
  "toSpliced",
  "groupBy",
  "any",
  "withResolvers",
  "randomUUID",
  "replaceChildren",
  "structuredClone",
]);
const LATE_GLOBALS = new Set(["structuredClone", "WeakRef", "FinalizationRegistry", "AggregateError"]);

function late(text: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: Node, inFunction: boolean): void => {
    const syntax = node.type === "AwaitExpression" && !inFunction ? "await outside a function (89)" : lateSyntax(node);
    if (syntax !== null) found.push(syntax);
    if (node.type === "CallExpression" && isNode(node["callee"])) {
      const callee = node["callee"];
      const property = callee["property"];
      const name = callee.type === "MemberExpression" && isNode(property) ? String(property["name"]) : "";
      if (LATE_MEMBERS.has(name) && callee["computed"] !== true) found.push(`.${name}()`);
    }
    if (node.type === "NewExpression" || node.type === "CallExpression") {
      const callee = node["callee"];
      if (isNode(callee) && callee.type === "Identifier" && LATE_GLOBALS.has(String(callee["name"])))
        found.push(String(callee["name"]));
    }
    const within = inFunction || /Function/.test(node.type);
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) for (const each of value) if (isNode(each)) visit(each, within);
      if (isNode(value)) visit(value, within);
    }
  };
  visit(parseAst(text) as unknown as Node, false);
  return found;
}

describe("scripts", () => {
  test("W-7: no built script needs a Chromium later than 79", () => {
    const scripts = built(".js");
    expect(scripts.length).toBeGreaterThan(5);
    const found = scripts.flatMap(({ name, text }) => late(text).map((each) => `${name}: ${each}`));
    expect(found).toEqual([]);
  });

  test.each([
    "a?.b",
    "a ?? b",
    "a ??= b",
    "class A { #a() {} }",
    "class A { static { b() } }",
    "[].at(1)",
    "structuredClone(a)",
    "'a'.replaceAll('a','b')",
    "await a",
  ])("the check of scripts finds %s", (text) => expect(late(text)).toHaveLength(1));
});

/** CSS declarations, selectors and rules of Chromium 80 and later, with the version that brought them. */
const LATE_CSS: readonly (readonly [string, RegExp])[] = [
  ["aspect-ratio (88)", /[;{]\s*aspect-ratio\s*:/],
  ["inset (87)", /[;{]\s*inset(-\w+)*\s*:/],
  ["logical shorthands (87)", /[;{]\s*(margin|padding|border)-(inline|block)\s*:/],
  [":is, :where, :has (88, 105)", /:(is|where|has)\(/],
  [":focus-visible (86)", /:focus-visible/],
  [":not with a list (88)", /:not\([^()]*,/],
  ["@container, @layer, @property, @scope", /@(container|layer|property|scope)\b/],
  ["colour functions (111)", /\b(oklch|oklab|lch|lab|color-mix|color)\(/],
  ["new viewport units (108)", /\d(d|s|l)v(h|w|min|max)\b/],
  ["translate, rotate, scale alone (104)", /[;{]\s*(translate|rotate|scale)\s*:/],
  ["overflow: clip (90)", /overflow(-x|-y)?\s*:\s*clip/],
  ["overflow-wrap: anywhere (80)", /overflow-wrap\s*:\s*anywhere/],
  ["accent-color, content-visibility, text-wrap", /[;{]\s*(accent-color|content-visibility|text-wrap)\s*:/],
  ["nesting (112)", /&/],
];

function lateFeatures(css: string): readonly string[] {
  return LATE_CSS.filter(([, pattern]) => pattern.test(css)).map(([feature]) => feature);
}

/** Selectors of flex boxes with `gap`: Chromium has it in grids since version 66, in flex boxes only since 84. */
function gapsOutsideGrids(css: string): readonly string[] {
  return [...css.matchAll(/([^{}]+)\{([^{}]*)\}/g)]
    .filter(
      (rule) =>
        /(^|;)\s*(row-|column-)?gap\s*:/.test(rule[2] ?? "") && /display\s*:\s*(inline-)?flex/.test(rule[2] ?? ""),
    )
    .map((rule) => rule[1] ?? "");
}

describe("style sheets", () => {
  test("W-7: no built style sheet needs a Chromium later than 79", () => {
    const sheets = built(".css");
    expect(sheets.length).toBeGreaterThan(0);
    const found = sheets.flatMap(({ name, text }) =>
      [...lateFeatures(text), ...gapsOutsideGrids(text)].map((each) => `${name}: ${each}`),
    );
    expect(found).toEqual([]);
  });

  test.each([
    "a{inset:0}",
    "a{aspect-ratio:1}",
    "a:is(b){}",
    "@container x{}",
    "a{height:1dvh}",
    "a{b{c:d}&:hover{e:f}}",
  ])("the check of style sheets finds %s", (text) => expect(lateFeatures(text)).toHaveLength(1));

  test("the check of style sheets finds a gap in a flex box", () => {
    expect(gapsOutsideGrids(".a{display:flex;gap:1px}.b{display:grid;gap:1px}")).toEqual([".a"]);
  });
});
