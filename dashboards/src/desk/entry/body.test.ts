import { describe, expect, test } from "vitest";
import { bodyOf, valuesOf, withdrawnBody } from "./body.ts";

const ACTION = {
  ...{ type: "action", id: "a7", rev: 3, by: "anna", at: "2026-03-02T08:00:00Z", scope: "berlin/packing/l1" },
  ...{ title: "New belt guide", addresses: "reason:mechanical/conveyor", due: "2026-04-01", weeks: 4 },
  ...{ controls: ["berlin/packing/l2"], investment: 1200.5, currency: "EUR", ticket: "ours" },
};

describe("RE-1: a revision is whole", () => {
  test("fields that the form does not know are kept, emptied fields are removed, the others are as entered", () => {
    const values = { ...valuesOf("action", ACTION, "*"), due: "", owner: " maintenance " };
    const { by: _, at: __, due: ___, ...kept } = ACTION;
    expect(bodyOf("action", "a7", ACTION, values, "EUR")).toEqual({ ...kept, rev: 4, owner: "maintenance" });
  });

  test("a new entry has revision 1 and the chosen scope", () => {
    const values = {
      ...valuesOf("target", null, "berlin"),
      measure: "oee",
      value: { way: "reach", number: "80" } as const,
    };
    expect(bodyOf("target", "t1", null, values, null)).toEqual({
      ...{ type: "target", id: "t1", rev: 1, scope: "berlin", measure: "oee", value: 0.8 },
    });
  });

  test("BL-3: KPIs of an imported baseline are entered in percent, other figures stay", () => {
    const raw = { rev: 1, scope: "*", from: "2025-01-01", to: "2026-01-01", source: "books" };
    const figures = { kpis: { oee: 0.57, mttr: 60_000 } };
    const values = { ...valuesOf("baseline", { ...raw, figures }, "*"), quality: "98.5" };
    expect(values).toMatchObject({ oee: "57", quality: "98.5" });
    expect(bodyOf("baseline", "b", { ...raw, figures }, values, null)).toMatchObject({
      figures: { kpis: { oee: 0.57, mttr: 60_000, quality: 0.985 } },
    });
    const components = { components: { plannedTime: 1 } };
    const of = { ...raw, figures: components };
    expect(bodyOf("baseline", "b", of, valuesOf("baseline", of, "*"), null)).toMatchObject({ figures: components });
  });

  test("an entry is withdrawn, and reinstated, by further revisions; the server's frozen figures are not sent back", () => {
    const gone = withdrawnBody("action", { ...ACTION, frozen: {} }, true);
    expect(gone).toMatchObject({ rev: 4, withdrawn: true, title: ACTION.title, ticket: "ours" });
    expect(Object.keys(gone)).not.toContain("frozen");
    expect(withdrawnBody("action", { ...ACTION, rev: 4, withdrawn: true }, false)).not.toHaveProperty("withdrawn");
  });
});
