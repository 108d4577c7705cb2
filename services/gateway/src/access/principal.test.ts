import { expect, test } from "vitest";
import { type Person, scopesFor, scopesOfRole, type Token } from "./principal.ts";

const ANNA: Person = {
  kind: "person",
  ...{ id: "person-1", name: "anna", session: "s" },
  grants: [
    { role: "supervisor", scope: "berlin" },
    { role: "viewer", scope: "recife" },
  ],
};
const TOKEN: Token = { kind: "token", id: "t", name: "filler", scopes: ["berlin/packing"], may: ["events:write"] };

test("a person may use a route in the scopes of the roles that include its role", () => {
  expect(scopesFor(ANNA, { role: "viewer", tokens: [] })).toEqual(["berlin", "recife"]);
  expect(scopesFor(ANNA, { role: "operator", tokens: [] })).toEqual(["berlin"]);
  expect(scopesFor(ANNA, { role: "admin", tokens: [] })).toEqual([]);
  expect(scopesOfRole(ANNA, "viewer")).toBe(scopesOfRole(ANNA, "viewer"));
});

test("a token may use the routes of its powers in its scopes, and no other, whatever their role", () => {
  expect(scopesFor(TOKEN, { role: "operator", tokens: ["events:write"] })).toEqual(["berlin/packing"]);
  expect(scopesFor(TOKEN, { role: "viewer", tokens: ["read", "wall"] })).toEqual([]);
  expect(scopesFor(TOKEN, { role: null, tokens: [] })).toEqual(["*"]);
});
