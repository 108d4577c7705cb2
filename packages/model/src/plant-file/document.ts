/**
 * Parses a YAML text into a tree of values, each with its line and column. Aliases are followed and keys are unique texts.
 * Size and depth of the tree are bounded, with each alias counted as often as it is used, so that readers of the tree need no
 * checks against cycles or alias bombs. Any text gives a tree or problems; none throws.
 */
import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
  type Scalar as YamlScalar,
} from "yaml";
import { readPlain } from "./plain-yaml.ts";
import type { Place, Problems } from "./problem.ts";
import {
  DEPTH_MAX,
  type Entry,
  extent,
  joinPath,
  type Mapping,
  quote,
  scalar,
  type Scalar,
  type Value,
} from "./value.ts";

const TEXT_LENGTH_MAX = 16 * 1024 * 1024;
const VALUES_MAX = 1_000_000;

/** The tree of the one document of a text; `null` when there is none to speak of, and then the problems say why. */
export function readDocument(text: string, problems: Problems): Value | null {
  const refuse = (offset: number, found: string, expected: string): null => {
    problems.add({ offset, path: "" }, found, expected);
    return null;
  };
  if (text.length > TEXT_LENGTH_MAX) {
    return refuse(0, `${text.length} characters`, `a plant file of at most ${TEXT_LENGTH_MAX}`);
  }
  const root = readPlain(text) ?? readByParser(text, problems);
  if (root !== null && root.size > VALUES_MAX) {
    return refuse(root.offset, "a file whose aliases repeat too much", `at most ${VALUES_MAX} values`);
  }
  if (root !== null && root.depth > DEPTH_MAX) {
    return refuse(root.offset, "values nested too deeply", `at most ${DEPTH_MAX} levels`);
  }
  return root;
}

/** Any text of YAML, and what is wrong with one that is none: then `null`. */
export function readByParser(text: string, problems: Problems): Value | null {
  const refuse = (offset: number, found: string, expected: string): null => {
    problems.add({ offset, path: "" }, found, expected);
    return null;
  };
  const nul = text.indexOf("\0");
  if (nul >= 0) return refuse(nul, "a NUL character", "a YAML text");

  const document = parseYaml(text);
  if (typeof document === "string") return refuse(0, `a text that is not YAML: ${document}`, "one YAML document");
  // A document that is not well-formed, or whose tags and directives we do not know, may mean anything: say no more.
  const errors = [...document.errors, ...document.warnings];
  for (const { pos, code, message } of errors) {
    const said = ERROR_WORDS[code] ?? `a text that is not YAML: ${oneLine(message)}`;
    refuse(Math.max(0, pos[0]), said, "one YAML document");
  }
  if (errors.length > 0) return null;
  if (document.directives.yaml.version !== "1.2") {
    return refuse(
      0,
      `YAML ${document.directives.yaml.version}`,
      "YAML 1.2, in which times and words like off mean themselves",
    );
  }
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return refuse(0, "an empty file", "a plant file");
  }

  const converter = new Converter(problems);
  const root = converter.convert(document.contents, "", 0);
  return converter.isBroken ? null : root;
}

function parseYaml(text: string): Document.Parsed | string {
  try {
    // Unique keys are checked below, in linear time; merge keys and the tags of YAML 1.1 are not understood.
    return parseDocument(text, { uniqueKeys: false, stringKeys: true, prettyErrors: false, resolveKnownTags: false });
  } catch (error) {
    return oneLine(error instanceof Error ? error.message : String(error));
  }
}

/** What we say better than the parser, which speaks to programmers. */
const ERROR_WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  MULTIPLE_DOCS: "a second document",
  NON_STRING_KEY: "a key that is no text",
  RESOURCE_EXHAUSTION: "values nested too deeply",
};

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, " ");
}

/** An anchor whose value is `null` is still open: an alias to it would be a cycle. */
interface Anchor {
  value: Value | null;
}

class Converter {
  readonly #problems: Problems;
  readonly #anchors = new Map<string, Anchor>();
  /** Whether something was left out, so that what is left may mean something else. */
  isBroken = false;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /** `offset` is where the value would stand, for one that is left out. */
  convert(node: unknown, path: string, offset: number, level = 1): Value {
    if (isAlias(node)) return this.#follow(node.source, { path, offset: node.range?.[0] ?? offset });
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return scalar({ path, offset }, null, "");
    const place: Place = { path, offset: node.range?.[0] ?? offset };
    const anchor: Anchor = { value: null };
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, anchor);
    const value = isScalar(node) ? fromScalar(node, place) : this.#collection(node, place, level);
    anchor.value = value;
    return value;
  }

  #collection(node: YAMLMap | YAMLSeq, place: Place, level: number): Value {
    if (level > DEPTH_MAX) {
      this.#problems.add(place, "values nested too deeply", `at most ${DEPTH_MAX} levels`);
      this.isBroken = true;
      return scalar(place, null, "");
    }
    if (isMap(node)) return this.#mapping(node, place, level);
    const items = node.items.map((item, i) => this.convert(item, `${place.path}[${i}]`, place.offset, level + 1));
    return { ...place, kind: "list", items, ...extent(items) };
  }

  #mapping(node: YAMLMap, place: Place, level: number): Mapping {
    const entries = new Map<string, Entry>();
    for (const pair of node.items) {
      // With `stringKeys` a key that is no text has been refused already.
      if (!isScalar(pair.key)) continue;
      const key = String(pair.key.value);
      const path = joinPath(place.path, key);
      const keyPlace: Place = { path, offset: pair.key.range?.[0] ?? place.offset };
      if (pair.key.anchor !== undefined) this.#anchors.set(pair.key.anchor, { value: scalar(keyPlace, key, key) });
      const earlier = entries.get(key);
      if (earlier !== undefined) {
        const line = this.#problems.lineOf(earlier.keyPlace);
        this.#problems.add(keyPlace, `the key ${quote(key)} again`, `it once: line ${line} has it already`);
      }
      const value = this.convert(pair.value, path, pair.key.range?.[1] ?? place.offset, level + 1);
      if (earlier === undefined) entries.set(key, { key, keyPlace, value });
    }
    const { size, depth } = extent([...entries.values()].map((entry) => entry.value));
    return { kind: "mapping", path: place.path, offset: place.offset, entries, size, depth };
  }

  #follow(name: string, place: Place): Value {
    const anchor = this.#anchors.get(name);
    if (anchor?.value) return anchor.value;
    if (anchor === undefined) this.#problems.add(place, `the alias *${name}`, "an anchor of that name before it");
    else this.#problems.add(place, `the alias *${name} inside its own anchor`, "a value that does not hold itself");
    this.isBroken = true;
    return scalar(place, null, "");
  }
}

function fromScalar(node: YamlScalar, place: Place): Scalar {
  const { value } = node;
  const known = value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return scalar(place, known ? value : (node.source ?? ""), node.source ?? "");
}
