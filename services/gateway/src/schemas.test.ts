import { PROBLEM } from "@oee/protocol";
import { expect, test } from "vitest";
import { answers } from "./schemas.ts";

test("an answer has its schema as JSON, and is a text in other types; problems name the codes of their status", () => {
  const schema = { type: "array" };
  const documented = answers({ 200: { description: "All", types: ["application/json", "text/csv"], schema } }, [409]);
  expect(documented[200]).toEqual({
    description: "All",
    content: { "application/json": { schema }, "text/csv": { schema: { type: "string" } } },
  });
  expect(documented[409]).toEqual({
    description: "Another revision came first (`OEE_HTTP_CONFLICT`)",
    content: { "application/problem+json": { schema: PROBLEM } },
  });
});
