import fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { HOUR, START } from "../../test/gateway-fixture.ts";
import type { GatewayOptions } from "../options.ts";
import type { Format } from "../tabular/send-table.ts";
import { auditExport, namesPeople } from "./audit-export.ts";

/** The lines that the export of a table writes. */
async function linesOf(format: Format, readOnly: boolean): Promise<readonly unknown[]> {
  const app = fastify();
  onTestFinished(() => app.close());
  const written: unknown[] = [];
  const note = async (_: unknown, ...lines: readonly unknown[]): Promise<void> => void written.push(...lines);
  const period = { from: START, to: START + HOUR };
  app.route({
    ...{ method: "GET", url: "/" },
    handler: async (request) => {
      const options = { readOnly } as GatewayOptions;
      await auditExport({ options, note }, request, { table: "stops", scope: "berlin", format, period });
      return {};
    },
  });
  expect((await app.inject("/")).statusCode).toBe(200);
  return written;
}

test("a table that is taken out has a line of the audit with its scope, period and format; what pages show has none", async () => {
  const after = { table: "stops", from: "2026-03-02T05:00:00.000Z", to: "2026-03-02T06:00:00.000Z", format: "csv" };
  const line = { kind: "personal-data-exported", what: "", scope: "berlin", before: null, after };
  expect(await linesOf("csv", false)).toEqual([line]);
  expect(await linesOf("json", false)).toEqual([]);
  // A read-only gateway writes nothing, and names nobody.
  expect(await linesOf("csv", true)).toEqual([]);
});

test("rows name people where one of them says who corrected it", () => {
  expect(namesPeople([{ correctedBy: null }, { correctedBy: "person-1" }])).toBe(true);
  expect(namesPeople([{ correctedBy: null }])).toBe(false);
  expect(namesPeople([])).toBe(false);
});
