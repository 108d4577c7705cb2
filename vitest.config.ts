import { defineConfig } from "vitest/config";

const conditions = ["@oee/source"];

export default defineConfig({
  ssr: { resolve: { conditions } },
  resolve: { conditions },
  test: {
    include: ["{packages,services}/*/src/**/*.test.ts", "dashboards/src/**/*.test.{ts,tsx}", "tests/**/*.test.ts"],
    setupFiles: ["tests/contract/http.ts", "tests/property-seed.ts"],
    testTimeout: 180_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
  },
});
