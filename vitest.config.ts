import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

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

export default defineConfig({
  ssr: { resolve: { conditions } },
  resolve: { conditions },
  test: {
    include: ["{packages,services}/*/src/**/*.test.ts", "dashboards/src/**/*.test.{ts,tsx}", "tests/**/*.test.ts"],
    setupFiles: ["tests/contract/http.ts", "tests/property-seed.ts"],
    testTimeout: 180_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
  },
});
