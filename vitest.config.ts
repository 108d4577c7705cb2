import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { FailedLast } from "./tests/support/failed-last.ts";

const conditions = ["@oee/source"];

/**
 * Files that start servers, brokers and browsers, or try many histories, take a minute or more each: they run first, so that none is
 * left for the end alone. Files of a kind that share processes come one after the other: a process ends where the next file is of another kind.
 */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification): number => {
      if (project.name === STORES) return 1;
      if (project.name === SHARED) return 3;
      return /\/tests\/(?:wall|desk|live|access|connect|oracle|api|image|prometheus)\/|\/kafka\.test\.ts$/.test(
        moduleId,
      )
        ? 0
        : 2;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

/** The project of test files that share a process. */
const SHARED = "shared process";

/** What a test file may leave behind in its process, or finds there from others: mocks, servers, stores, processes, heap. */
const LEAVES_BEHIND =
  /\bvi\.|from "node:(?:child_process|http|https|net|v8|vm)"|\/test\/|\/tests\/(?!support\/plant)|\bprocess\./;

/** The project of test files of the gateway and the store that share processes: to load their modules takes as long as most of their tests take. */
const STORES = "shared stores";

/** What a test file changes for its whole process, or measures of it. What is missing beside `LEAVES_BEHIND`, servers and stores, is closed by each file. */
const CHANGES_PROCESS = /\bvi\.|from "node:(?:child_process|v8|vm)"|\bprocess\./;

/** The test files beside the modules of some rooms whose text has no match of `apart`: they share processes. */
function sharing(rooms: readonly string[], apart: RegExp): string[] {
  return rooms
    .flatMap((room) =>
      readdirSync(join(room, "src"), { recursive: true, encoding: "utf8" }).map((file) => join(room, "src", file)),
    )
    .filter((file) => /\.test\.tsx?$/.test(file) && !apart.test(readFileSync(file, "utf8")));
}

const ALL = ["{packages,services}/*/src/**/*.test.ts", "dashboards/src/**/*.test.{ts,tsx}", "tests/**/*.test.ts"];
const SETUP = ["tests/contract/http.ts", "tests/property-seed.ts"];
const SIGNED_SETUP = [...SETUP, "tests/support/sign-in-setup.ts"];

const rooms = ["packages", "services"].flatMap((folder) => readdirSync(folder).map((room) => join(folder, room)));
const shared = sharing([...rooms, "dashboards"], LEAVES_BEHIND);
const stores = sharing(["services/gateway", "packages/store"], CHANGES_PROCESS).filter(
  (file) => !shared.includes(file),
);

/** Every file with sign-in (CONTRIBUTING.md). */
const allSigned = process.env["OEE_TEST_SIGN_IN"] === "1";

/** The files that each run also takes with sign-in: questions and changes over HTTP, the live channel, and a process. */
const ALSO_SIGNED = [
  "services/gateway/src/{routes/{history,raw-events,entries,events,corrections},live/live-hub}.test.ts",
  "tests/live/start.test.ts",
];

export default defineConfig({
  ssr: { resolve: { conditions } },
  resolve: { conditions },
  test: {
    // Of what hangs, and not of what is slow: where much else runs a start of a process takes ten times as long.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 240_000 } },
    // More than the two cores of a small machine: files wait more than half of their time, for timers, starts and answers.
    maxWorkers: 5,
    reporters: ["default", new FailedLast()],
    sequence: { sequencer: LongFirst },
    globalSetup: "tests/kafka/run-broker.ts",
    ...(allSigned
      ? { include: ALL, setupFiles: SIGNED_SETUP }
      : {
          projects: [
            {
              extends: true,
              test: {
                name: "open",
                include: ALL,
                exclude: [...configDefaults.exclude, ...shared, ...stores],
                setupFiles: SETUP,
              },
            },
            { extends: true, test: { name: SHARED, include: shared, setupFiles: SETUP, isolate: false } },
            { extends: true, test: { name: STORES, include: stores, setupFiles: SETUP, isolate: false } },
            {
              extends: true,
              test: {
                name: "signed in",
                include: ALSO_SIGNED,
                setupFiles: SIGNED_SETUP,
                env: { OEE_TEST_SIGN_IN: "1" },
              },
            },
          ],
        }),
  },
});
