import { readFile } from "node:fs/promises";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { connectMetrics } from "./metrics.ts";

test("metrics: docs/metrics.md lists exactly the metrics that the connector has", async () => {
  const status = {
    connections: [],
    waiting: { events: 0, bytes: 0 },
    delivered: 0,
    refused: 0,
    failing: null,
    waitedMs: null,
    assets: { seen: [], silent: [], undeclared: [], visibility: null },
  };
  const registry = connectMetrics({ connector: { status: () => status }, filesRefused: () => 0 }, new Registry());
  const named = registry.getMetricsAsArray().map(({ name, type }) => `${name} ${type}`);
  const docs = await readFile(new URL("../../../../docs/metrics.md", import.meta.url), "utf8");
  const listed = [...docs.matchAll(/^\| `(oee_connect_[a-z_]+)` \| ([a-z]+) \|/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );
  expect(listed.toSorted()).toEqual(named.toSorted());
});
