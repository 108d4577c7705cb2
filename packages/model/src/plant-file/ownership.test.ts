import { expect, test } from "vitest";
import { parsePlant } from "./parse-plant.ts";
import { formatProblem } from "./problem.ts";

const PLANT = `
enterprise: e
sites: { s: { areas: { a: { lines: { l: { class: bottling, machines: { m: { idealCycleSeconds: 1, class: filler, reasonAfter: 5m } } } } } } } }
reasons: { mechanical: { children: { jam: {} } }, other: { vague: true } }
roles: [boss, fitter]
chains: { stop: [{ after: 0, to: responsible }, { after: 15m, to: boss }] }
`;

const parsed = (more: string): ReturnType<typeof parsePlant> => parsePlant(PLANT + more, "plant.yaml");

test("OW, AL: owners and alerts are read, and the people and reasons that they name", () => {
  const result = parsed(`
owners: [{ scope: s/a, reason: mechanical/jam, accountable: boss, responsible: [fitter] }]
alerts:
  - { id: long, kind: stop, scope: s, for: 10m, reason: mechanical, chain: stop }
  - { id: low, kind: kpi, measure: oee, window: 8h, below: target, for: 15m, clear: 0.02, chain: stop }
  - { id: goal, kind: behind, for: 14, chain: stop }
`);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join("\n"));
  const { plant } = result;
  expect(plant.owners).toEqual([
    {
      scope: "s/a",
      reason: "mechanical/jam",
      accountable: "boss",
      responsible: ["fitter"],
      consulted: null,
      informed: null,
    },
  ]);
  expect(plant.alerts.map(({ condition }) => condition)).toEqual([
    { kind: "stop", forMs: 600_000, reason: "mechanical" },
    { kind: "kpi", forMs: 900_000, measure: "oee", window: "8h", limit: "target", side: "below", clear: 0.02 },
    { kind: "behind", dates: 14 },
  ]);
  expect(plant.alerts[0]?.chain).toEqual([
    { afterMs: 0, to: "responsible" },
    { afterMs: 900_000, to: "boss" },
  ]);
  const machine = plant.machineById.get("s/a/l/m");
  expect([machine?.class, machine?.reasonAfterMs, plant.scopes.get("s/a/l")?.class]).toEqual([
    "filler",
    300_000,
    "bottling",
  ]);
  expect(plant.reasons.children.get("other")?.vague).toBe(true);
});

test("OW, AL: owners and alerts are no part of the plant version", () => {
  const [a, b] = [
    parsed(""),
    parsed("owners: [{ accountable: boss }]\nalerts: [{ id: q, kind: silent, for: 1m, chain: stop }]\n"),
  ];
  expect(a.ok && b.ok && a.plant.version === b.plant.version).toBe(true);
});

test.each([
  ["owners: [{ scope: s/x }]", "s/x"],
  ["owners: [{ reason: mechanical/jum }]", '"jam"'],
  ["owners: [{ accountable: bos }]", '"boss"'],
  ["owners: [{ accountable: boss }, { accountable: fitter }]", "again"],
  ["alerts: [{ id: a, kind: stop, chain: stop }]", "no for"],
  ["alerts: [{ id: a, kind: stop, for: 1m, chain: stap }]", '"stop"'],
  ["alerts: [{ id: a, kind: stopp, for: 1m, chain: stop }]", "stop, no-reason"],
  ["alerts: [{ id: a, kind: kpi, measure: oee, window: 8h, for: 1m, chain: stop }]", "below or above"],
  ["alerts: [{ id: a, kind: behind, for: 10m, chain: stop }]", "a number of dates"],
  ["alerts: [{ id: a/b, kind: silent, for: 1m, chain: stop }]", "without /"],
  ["alerts: [{ kind: silent, for: 1m, chain: stop }]", "no id"],
])("OW, AL: %s is a problem", (more, told) => {
  const result = parsed(more);
  expect(result.ok ? [] : result.problems.map(formatProblem).join("\n")).toContain(told);
});
