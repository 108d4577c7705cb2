import { expect, test } from "vitest";
import type { Scope } from "./plant.ts";
import { addScope, scopeDraft } from "./scope-draft.ts";
import { SHIPPED_ZONES } from "./zones/zone-database.ts";
import { utcOf } from "./plant-file/timezone.ts";
import { PERIODS_DEFAULT } from "./plant-file/periods.ts";

test("a scope begins without machines, and is found by its path and below its parent", () => {
  const common = { timezone: utcOf(SHIPPED_ZONES), periods: PERIODS_DEFAULT, targets: {} };
  const plant = scopeDraft({ ...common, path: "*", kind: "enterprise", name: "acme", parent: null });
  const site = scopeDraft({ ...common, path: "s", kind: "site", name: "S", parent: plant });
  const scopes = new Map<string, Scope>();
  addScope(scopes, plant, null);
  expect(addScope(scopes, site, plant)).toBe(site);
  expect([...scopes.keys()]).toEqual(["*", "s"]);
  expect([plant.children, site.machines, site.members, site.rated]).toEqual([[site], [], [], false]);
});
