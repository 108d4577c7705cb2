import fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { START } from "../../test/gateway-fixture.ts";
import { type Report, sendReport } from "./send-report.ts";
import { formatOf } from "./send-table.ts";

interface Document {
  readonly sum: number;
  readonly parts: readonly { readonly name: string; readonly value: number }[];
}
const REPORT: Report<Document, Document["parts"][number]> = {
  rows: ({ parts }) => parts,
  columns: [
    { name: "name", kind: "text", of: ({ name }) => name },
    { name: "value", kind: "number", of: ({ value }) => value },
  ],
};
const DOCUMENT: Document = {
  sum: 3,
  parts: [
    { name: "person-1", value: 1 },
    { name: "other", value: 2 },
  ],
};

test("JSON is the whole document, a table its rows with names shown; the period stands in headers", async () => {
  const app = fastify();
  onTestFinished(() => app.close());
  const shown = (text: string): string => text.replaceAll("person-1", "anna");
  for (const [path, period] of [
    ["/api/v1/parts", { from: START, to: START + 60_000 }],
    ["/api/v1/always", null],
  ] as const) {
    app.get(path, (request, reply) => sendReport(reply, formatOf(request), DOCUMENT, REPORT, period, shown));
  }
  const json = await app.inject("/api/v1/parts");
  expect(json.json()).toEqual(DOCUMENT);
  expect(json.headers).toMatchObject({ vary: "accept", "oee-from": "2026-03-02T05:00:00.000Z" });
  const csv = await app.inject({ url: "/api/v1/parts", headers: { accept: "text/csv" } });
  expect(csv.body.trimEnd().split(/\r?\n/)).toEqual(["name,value", "anna,1", "other,2"]);
  expect(csv.headers["oee-to"]).toBe("2026-03-02T05:01:00.000Z");
  expect((await app.inject("/api/v1/always")).headers["oee-from"]).toBeUndefined();
});
