/**
 * Dependencies point one way (docs/architecture.md): services → event-log, store, protocol → stream, answers → engine → columns, calendar → model. The core
 * knows no clock, timer, process or file, and no package imports what it does not declare.
 */
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { codesIn, files, tableRowsOf, textOf } from "./docs/repository.ts";

/** What each room may import of the others. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "packages/model": [],
  "packages/calendar": ["@oee/model"],
  "packages/columns": ["@oee/model", "@oee/calendar"],
  "packages/engine": ["@oee/model", "@oee/calendar", "@oee/columns"],
  "packages/stream": ["@oee/model", "@oee/calendar", "@oee/columns", "@oee/engine"],
  "packages/answers": ["@oee/model", "@oee/calendar", "@oee/columns", "@oee/engine"],
  "packages/review": ["@oee/model", "@oee/calendar", "@oee/engine", "@oee/answers"],
  "packages/protocol": ["@oee/model"],
  "packages/pacing": [],
  "packages/event-log": ["@oee/pacing"],
  "packages/store": ["@oee/model", "@oee/pacing"],
  "services/connectors": ["@oee/model", "@oee/pacing", "@oee/event-log"],
  "services/simulator": ["@oee/model", "@oee/calendar"],
  "services/worker": [
    "@oee/model",
    "@oee/columns",
    "@oee/engine",
    "@oee/stream",
    "@oee/answers",
    "@oee/protocol",
    "@oee/pacing",
    "@oee/event-log",
    "@oee/store",
  ],
  "services/gateway": [
    "@oee/model",
    "@oee/calendar",
    "@oee/engine",
    "@oee/answers",
    "@oee/protocol",
    "@oee/review",
    "@oee/pacing",
    "@oee/event-log",
    "@oee/store",
  ],
  "services/oee": [
    "@oee/model",
    "@oee/calendar",
    "@oee/engine",
    "@oee/answers",
    "@oee/protocol",
    "@oee/review",
    "@oee/pacing",
    "@oee/event-log",
    "@oee/store",
    "@oee/connectors",
    "@oee/simulator",
    "@oee/worker",
    "@oee/gateway",
  ],
  dashboards: ["@oee/protocol", "@oee/model"],
};

/** Rooms whose modules have their example tests beside them: `name.test.ts` beside `name.ts`. */
const TESTED_BESIDE = [
  ...["packages/model", "packages/calendar", "packages/columns", "packages/engine", "packages/answers"],
  ...["packages/store", "packages/pacing", "services/gateway"],
];

/** Modules without a test beside them, and why; or, with the tests that cover them, folders (`…/`) of such modules. */
const HELD_OTHERWISE: readonly (readonly [why: string, ...paths: string[]])[] = [
  [
    "types and lists",
    "packages/model/src/event.ts",
    "packages/model/src/plant.ts",
    "packages/model/src/questions.ts",
    "packages/model/src/review-names.ts",
    "packages/store/src/event-record.ts",
    "packages/store/src/period.ts",
    "services/gateway/src/options.ts",
  ],
  ["the tree of values; document.test.ts and plain-yaml.test.ts", "packages/model/src/plant-file/value.ts"],
  ["a list of exports", "packages/model/src/plant-file/settings-file.ts"],
  [
    "a database as text: tests/zones compares every zone's changes with IANA's data",
    "packages/model/src/zones/shipped.ts",
  ],
  ["a port; simulated-time.test.ts holds what callers rely on", "packages/pacing/src/scheduler.ts"],
  ["a port; store.test.ts asks both adapters", "packages/store/src/transport.ts"],
  ["a list; migrate.test.ts applies it", "packages/store/src/schema.ts"],
  ["frozen SQL: migrate.test.ts and tests/released", "packages/store/src/migrations/"],
  ["schemas; tests/contract holds answers to them", "services/gateway/src/access/schemas.ts"],
  ["types and defaults", "services/gateway/src/keeper/options.ts"],
];

const PURE = ["model", "calendar", "columns", "engine", "stream", "answers", "review", "protocol"].map(
  (name) => `packages/${name}`,
);

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(room: string): Manifest {
  return JSON.parse(textOf(join(room, "package.json"))) as Manifest;
}

/** The shipped source files of a room: no tests, and no files that only tests use. */
function sourcesOf(room: string): readonly string[] {
  return files(`${room}/src/**`).filter(
    (path) => /\.tsx?$/.test(path) && !/\.(test|fixture)\.tsx?$|\/conformance\.ts$/.test(path),
  );
}

/** The text of a file without its comments. */
function codeOf(path: string): string {
  return textOf(path).replaceAll(/\/\*.*?\*\/|\/\/.*$/gms, "");
}

function importsOf(path: string, valuesOnly: boolean = false): readonly string[] {
  const text = textOf(path);
  const read = valuesOnly ? text.replaceAll(/^(?:import|export) type [^;]*;$/gms, "") : text;
  const found = read.matchAll(
    /^\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?"([^"]+)"|^\} from "([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  return [...found].map(([, a, b, c]) => a ?? b ?? c ?? "");
}

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

test("the rooms are those that are known", () => {
  const rooms = files("*/package.json", "*/*/package.json").map(dirname);
  expect(rooms.toSorted()).toEqual(Object.keys(MAY_IMPORT).toSorted());
});

test("docs/architecture.md says of each room what it may import", () => {
  const told = new Map(
    tableRowsOf(textOf("docs/architecture.md")).flatMap(([cell = "", , may = ""]): [string, string[]][] => {
      const names = may === "nothing" ? [] : may.replace(/'s types and lists of names$/, "").split(/, (?:and )?/);
      return codesIn(cell).map((room) => [room, names.map((name) => `@oee/${name}`).toSorted()]);
    }),
  );
  for (const [room, allowed] of Object.entries(MAY_IMPORT)) {
    if (room !== "services/oee") expect(told.get(room), room).toEqual(allowed.toSorted());
  }
});

describe.each(Object.entries(MAY_IMPORT))("%s", (room, allowed) => {
  const imports = sourcesOf(room).flatMap((path) => importsOf(path).map((specifier) => ({ path, specifier })));

  test("imports of the other rooms only what lies below it", () => {
    const wrong = imports.filter(
      ({ specifier }) => specifier.startsWith("@oee/") && !allowed.includes(packageOf(specifier)),
    );
    expect(wrong).toEqual([]);
    const declared = Object.keys(manifestOf(room).dependencies ?? {}).filter((name) => name.startsWith("@oee/"));
    expect(declared.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test("reaches into no other room by path", () => {
    const wrong = imports.filter(
      ({ path, specifier }) =>
        specifier.startsWith(".") && !join(dirname(path), specifier).startsWith(join(room, "src")),
    );
    expect(wrong).toEqual([]);
  });

  test("imports only what it declares", () => {
    const { dependencies = {} } = manifestOf(room);
    const wrong = imports.filter(
      ({ specifier }) =>
        !specifier.startsWith(".") &&
        !specifier.startsWith("node:") &&
        !builtinModules.includes(packageOf(specifier)) &&
        dependencies[packageOf(specifier)] === undefined,
    );
    expect(wrong).toEqual([]);
  });

  test.runIf(PURE.includes(room))("is pure: no module of Node, no clock, no timer, no process", () => {
    const wrong = imports.filter(
      ({ specifier }) => specifier.startsWith("node:") || builtinModules.includes(packageOf(specifier)),
    );
    const impure = sourcesOf(room).filter((path) =>
      /\b(?:Date\.now\(|new Date\(\)|performance\.now\(|Math\.random\(|setTimeout\(|setInterval\(|process\.)/.test(
        codeOf(path),
      ),
    );
    expect(wrong).toEqual([]);
    expect(impure).toEqual([]);
  });
});

test("the worker reads no clock and sets no timer itself: time comes in by the scheduler", () => {
  const wrong = sourcesOf("services/worker").filter((path) =>
    /\b(?:Date\.now|new Date\(\)|performance\.|set(?:Timeout|Interval|Immediate)\b|sleepTimer|systemScheduler)/.test(
      codeOf(path),
    ),
  );
  expect(wrong).toEqual([]);
});

/** Lines that hold code: neither blank nor comment. */
function codeLinesOf(path: string): number {
  const lines = textOf(path)
    .replaceAll(/\/\*.*?\*\//gs, "")
    .split("\n");
  return lines.filter((line) => !/^\s*(?:\/\/.*)?$/.test(line)).length;
}

test("the engine is the rules and no more: at most 2,000 lines of code, as docs/architecture.md says", () => {
  const [, bound = ""] = /the rules alone, at most ([\d,]+) lines of code/.exec(textOf("docs/architecture.md")) ?? [];
  expect(bound).toBe("2,000");
  const lines = sourcesOf("packages/engine").reduce((sum, path) => sum + codeLinesOf(path), 0);
  expect(lines).toBeGreaterThan(1_000);
  expect(lines).toBeLessThanOrEqual(2_000);
});

test.each(TESTED_BESIDE)("the modules of %s have their tests beside them, or what holds them is named", (room) => {
  const tests = new Set(files(`${room}/src/**`).filter((path) => path.endsWith(".test.ts")));
  const excused = HELD_OTHERWISE.flatMap(([, ...paths]) => paths);
  const without = sourcesOf(room).filter(
    (path) =>
      !path.endsWith("/index.ts") &&
      !tests.has(path.replace(/\.ts$/, ".test.ts")) &&
      !excused.some((prefix) => (prefix.endsWith("/") ? path.startsWith(prefix) : path === prefix)),
  );
  expect(without).toEqual([]);
});

test("what is said to hold a module is there", () => {
  const all = files("*/**").concat(files("packages/*/src/**", "services/*/src/**"));
  const named = HELD_OTHERWISE.flatMap(([why]) => [...why.matchAll(/[\w-]+\.test\.ts/g)].map(([name]) => name));
  const names = new Set(all.map((path) => path.split("/").at(-1)));
  expect(named.filter((name) => !names.has(name))).toEqual([]);
  const gone = HELD_OTHERWISE.flatMap(([, ...paths]) => paths).filter(
    (path) => !all.some((file) => file.startsWith(path)),
  );
  expect(gone).toEqual([]);
  const beside = HELD_OTHERWISE.flatMap(([, ...paths]) => paths).filter((path) =>
    all.includes(path.replace(/(?:\.ts)?$/, ".test.ts")),
  );
  expect(beside).toEqual([]);
});

/** Where files name types of one another: a protocol its source, texts their language. Values go one way there too. */
const TYPES_GO_BACK = ["services/connectors", "dashboards"];

test.each(Object.keys(MAY_IMPORT))("no files of %s import one another in a circle", (room) => {
  const known = new Set(sourcesOf(room));
  const below = (path: string): readonly string[] =>
    importsOf(path, TYPES_GO_BACK.includes(room))
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => join(dirname(path), specifier))
      .filter((to) => known.has(to));
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(" → "));
    if (done.has(path) || way.includes(path)) return;
    for (const to of below(path)) walk(to, [...way, path]);
    done.add(path);
  };
  for (const path of known) walk(path, []);
  expect(circles).toEqual([]);
});
