import { expect, test } from "vitest";
import { Assets } from "./assets.ts";

const NOW = Date.UTC(2026, 2, 3, 5);
const HOUR = 3_600_000;
let number = 0;
const event = (machine: string, at: number): { key: readonly [string, number]; json: string } => ({
  key: [machine, number++],
  json: JSON.stringify({ type: "state", machine, at: new Date(at).toISOString(), state: "running" }),
});
const refused = ({ json }: { json: string }, code: string): { json: string; code: string; why: string } => ({
  json,
  code,
  why: code,
});

test("SC-1: machines of the last 24 hours are seen, silent or undeclared, the last where the plant file lacks them", () => {
  const assets = new Assets();
  const lost = event("lost", NOW - HOUR);
  const wrong = event("wrong", NOW - HOUR);
  const events = [event("seen", NOW - HOUR), event("old", NOW - 25 * HOUR), lost, wrong];
  assets.delivered(events, [refused(lost, "unknown-machine"), refused(wrong, "bad-total")]);
  const machines = ["seen", "old", "lost", "wrong", "never"];
  expect(assets.status(machines, NOW)).toEqual({
    seen: ["seen"],
    silent: ["old", "wrong", "never"],
    undeclared: ["lost"],
    visibility: 0.2,
  });
  // The plant file now has the machine `lost`.
  assets.delivered([event("lost", NOW - 1)], []);
  expect(assets.status(["lost"], NOW)).toMatchObject({ seen: ["lost"], undeclared: [], visibility: 1 });
  expect(assets.status([], NOW).visibility).toBeNull();
  // A restart of the connector forgets none of them.
  const again = new Assets(assets.kept);
  expect(again.status(machines, NOW)).toEqual(assets.status(machines, NOW));
});
