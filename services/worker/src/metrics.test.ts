import { readFile } from "node:fs/promises";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { workerMetrics } from "./metrics.ts";

test("metrics: docs/metrics.md lists exactly the metrics that the worker has", async () => {
  const registry = new Registry();
  workerMetrics(registry);
  const named = registry.getMetricsAsArray().map(({ name, type }) => `${name} ${type}`);
  const docs = await readFile(new URL("../../../docs/metrics.md", import.meta.url), "utf8");
  const listed = [...docs.matchAll(/^\| `(oee_worker_[a-z_]+)` \| ([a-z]+) \|/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );
  expect(listed.toSorted()).toEqual(named.toSorted());
});
