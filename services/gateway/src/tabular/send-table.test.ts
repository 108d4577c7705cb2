import fastify, { type FastifyRequest } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import type { Layout } from "./columns.ts";
import { jsonPiece } from "../json-bytes.ts";
import { formatOf, sendTable } from "./send-table.ts";

const of = (accept?: string) => formatOf({ headers: { accept } } as unknown as FastifyRequest);

test("RFC 9110: the format of the greatest weight that there is; JSON where none is named; none that is weighed 0", () => {
  expect([of(), of("*/*"), of("text/*"), of("text/csv;q=0.5, application/json;q=0.4")]).toEqual([
    "json",
    "json",
    "csv",
    "csv",
  ]);
  expect(of("text/html, application/vnd.apache.arrow.stream;q=0.1")).toBe("arrow");
  expect(() => of("text/html")).toThrow(
    "expected Accept to allow one of application/json, text/csv, application/vnd.apache.arrow.stream",
  );
  expect(() => of("application/json;q=0")).toThrow("expected Accept to allow");
});

test("records of many lists are one text, in pieces of whole records, each shown as the caller may see it", async () => {
  const layout: Layout<number> = {
    json: (value) => ({ value }),
    columns: [{ name: "value", kind: "number", of: (value) => value }],
  };
  const app = fastify();
  onTestFinished(() => app.close());
  let pieces = 0;
  const shown = (text: string): string => {
    pieces++;
    return text.replaceAll("7", "seven");
  };
  const lists = Array.from({ length: 20 }, () => Array.from({ length: 1_000 }, (_, i) => i));
  app.get("/api/v1/numbers", (request, reply) =>
    sendTable(reply, formatOf(request), lists, layout, { reflects: 0, from: 0, to: 60_000 }, shown),
  );
  const csv = await app.inject({ url: "/api/v1/numbers", headers: { accept: "text/csv" } });
  expect(csv.headers).toMatchObject({
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": 'attachment; filename="numbers.csv"',
    "oee-reflects": "1970-01-01T00:00:00.000Z",
    "oee-to": "1970-01-01T00:01:00.000Z",
  });
  const lines = csv.body.trimEnd().split("\n");
  expect([lines.length, lines[8], lines[1_000]]).toEqual([20_001, "seven", "999"]);
  // 20,000 lines of 2 to 4 characters, in pieces of 64 KiB.
  expect(pieces).toBe(2);
  const json = await app.inject({ url: "/api/v1/numbers", headers: { accept: "application/json;q=0.1" } });
  expect(json.headers["content-disposition"]).toBeUndefined();
  expect(JSON.parse(json.body.replaceAll("seven", "7"))).toHaveLength(20_000);
});

test("records of a layout that writes bytes are the same JSON as those that are made; one whose texts are shown makes them", async () => {
  const made: Layout<number> = { json: (value) => ({ value }), columns: [] };
  const written: Layout<number> = {
    ...made,
    writer: () => (out, value) => out.field(jsonPiece('{"value":'), value).piece(jsonPiece("}")),
  };
  const app = fastify();
  onTestFinished(() => app.close());
  const list = (length: number): readonly number[][] => [[], Array.from({ length }, (_, i) => i)];
  app.get("/made/:length", (request, reply) =>
    sendTable(reply, "json", list(Number((request.params as { length: string }).length)), made, null),
  );
  app.get("/written/:length", (request, reply) =>
    sendTable(reply, "json", list(Number((request.params as { length: string }).length)), written, null),
  );
  app.get("/shown", (_, reply) => sendTable(reply, "json", list(1), written, null, () => "shown"));
  const textOf = async (url: string): Promise<string> => (await app.inject(url)).body;
  for (const length of [0, 1, 20_000]) expect(await textOf(`/written/${length}`)).toBe(await textOf(`/made/${length}`));
  expect(await textOf("/shown")).toBe("shown");
});
