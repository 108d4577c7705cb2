import type { FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import { fileNameOf } from "./file-name.ts";

test("a file is named by its route, and by nothing that the caller sends", () => {
  const of = (url: string) => fileNameOf({ url: "/evil", routeOptions: { url } } as FastifyRequest, "csv");
  expect(of("/api/v1/kpis")).toBe('attachment; filename="kpis.csv"');
  expect(of("/api/v1/reviews/:id")).toBe('attachment; filename="reviews.csv"');
  expect(of("/other")).toBe('attachment; filename="answer.csv"');
});
