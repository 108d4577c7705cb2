import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { FailedLast } from "./tests/support/failed-last.ts";

const conditions = ["@oee/source"];

/** Files that start servers, brokers and browsers take a minute or more each: they run first, so that none is left for the end alone. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      /\/tests\/(?:wall|desk|live|access|connect)\/|\/kafka\.test\.ts$/.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

const ALL = ["{packages,services}/*/src/**/*.test.ts", "dashboards/src/**/*.test.{ts,tsx}", "tests/**/*.test.ts"];
const SETUP = ["tests/contract/http.ts", "tests/property-seed.ts"];
const SIGNED_SETUP = [...SETUP, "tests/support/sign-in-setup.ts"];

/** Every file with sign-in (CONTRIBUTING.md). */
const allSigned = process.env["OEE_TEST_SIGN_IN"] === "1";

/** The files that each run also takes with sign-in: questions and changes over HTTP, the live channel, and a process. */
const ALSO_SIGNED = [
  "services/gateway/src/{history,intake,live,raw-events,entries}.test.ts",
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
    maxWorkers: 2,
    reporters: ["default", new FailedLast()],
    sequence: { sequencer: LongFirst },
    ...(allSigned
      ? { include: ALL, setupFiles: SIGNED_SETUP }
      : {
          projects: [
            { extends: true, test: { name: "open", include: ALL, setupFiles: SETUP } },
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
