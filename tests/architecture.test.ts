/**
 * Dependencies point one way (docs/architecture.md): services → event-log, store, protocol → stream, answers → engine → columns, calendar → model. The core
 * knows no clock, timer, process or file, and no package imports what it does not declare.
 */
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { files, textOf } from "./docs/repository.ts";

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
  "services/connectors": ["@oee/model", "@oee/pacing"],
  "services/simulator": ["@oee/model", "@oee/calendar"],
  "services/worker": [
    "@oee/model",
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

/** What is shipped: no tests, and nothing that only tests use. */
function sourcesOf(room: string): readonly string[] {
  return files(`${room}/src/**`).filter(
    (path) => /\.tsx?$/.test(path) && !/\.(test|fixture)\.tsx?$|\/conformance\.ts$/.test(path),
  );
}

function importsOf(path: string): readonly string[] {
  const found = textOf(path).matchAll(
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
        textOf(path).replaceAll(/\/\*.*?\*\/|\/\/.*$/gms, ""),
      ),
    );
    expect(wrong).toEqual([]);
    expect(impure).toEqual([]);
  });
});
