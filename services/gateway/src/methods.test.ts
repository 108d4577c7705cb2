import fastify from "fastify";
import { expect, test } from "vitest";
import { Methods } from "./methods.ts";

test("an address has the methods of all routes that match it", async () => {
  const app = fastify();
  const methods = new Methods();
  methods.watch(app);
  app.get("/corrections/:id", async () => null);
  app.post("/corrections", async () => null);
  app.put("/corrections/mine", async () => null);
  app.get("/wall/*", async () => null);
  await app.ready();
  expect(methods.of("/corrections/mine")).toEqual(["GET", "HEAD", "PUT"]);
  expect(methods.of("/corrections")).toEqual(["POST"]);
  expect(methods.of("/wall/berlin/packing")).toEqual(["GET", "HEAD"]);
  expect(methods.of("/corrections/a/b")).toEqual([]);
  await app.close();
});
