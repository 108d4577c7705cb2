/** The states of plant file, settings, schema and users as the lines of the audit give them. */
import { expect, test } from "vitest";
import type { AuditLine } from "./audit-line.ts";
import { AuditStates } from "./audit-states.ts";

const line = (kind: string, what: string, after: AuditLine["after"]): AuditLine => ({
  ...{ at: 0, who: null, kind, what, scope: "*", from: null, before: null, after, seen: null },
});

test("a state that differs from the newest line is given with its values before and after, once", () => {
  const states = new AuditStates();
  const settings = { port: 8080, idle: null, hosts: ["a"] };
  const first = states.differences("settings", "start", settings);
  expect(first).toEqual({ before: null, after: settings });
  states.take(line("settings", "start", first?.after ?? null));
  expect(states.differences("settings", "start", settings)).toBeNull();
  expect(states.differences("settings", "another", settings)).toEqual({ before: null, after: settings });
  const changed = { idle: 5, hosts: ["a", "b"] };
  const second = states.differences("settings", "start", changed);
  expect(second).toEqual({
    before: { port: 8080, hosts: ["a"], idle: null },
    after: { port: null, hosts: ["a", "b"], idle: 5 },
  });
  states.take(line("settings", "start", second?.after ?? null));
  expect(states.of("settings", "start")).toEqual(changed);
  expect(states.differences("settings", "start", changed)).toBeNull();
});

test("a state that is gone is given once, and lines of other kinds have no state", () => {
  const states = new AuditStates();
  states.take(line("user", "person-1", { roles: ["viewer@*"] }));
  states.take(line("sign-in", "person-2", { roles: [] }));
  states.take(null);
  expect(states.named("user")).toEqual(["person-1"]);
  expect(states.differences("user", "person-1", null)).toEqual({ before: { roles: ["viewer@*"] }, after: null });
  states.take(line("user", "person-1", null));
  expect(states.named("user")).toEqual([]);
  expect(states.differences("user", "person-1", null)).toBeNull();
});
