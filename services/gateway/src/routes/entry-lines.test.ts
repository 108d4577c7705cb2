import { readEntry, type Entry } from "@oee/review";
import fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { PLANT } from "../../test/gateway-fixture.ts";
import type { Taken } from "../review/new-entries.ts";
import { tellingOf } from "./entry-lines.ts";

const takenOf = (rev: number): Taken => {
  const raw = { type: "target", id: "t", rev, scope: "berlin", measure: "oee", value: 0.8 };
  return { entry: readEntry(PLANT.plant, raw) as Entry, former: null };
};

test("RE-1: entries that are written together are lines of one write; one that another overtook has a line of its own", async () => {
  const app = fastify();
  onTestFinished(() => app.close());
  const writes: unknown[] = [];
  app.route({
    ...{ method: "POST", url: "/" },
    handler: async (request) => {
      const telling = tellingOf(
        async (of, ...lines) => void writes.push([of.ip, lines]),
        request,
        ({ entry: { raw } }) => ({ scope: "berlin", before: null, after: raw }),
      );
      await telling.before([takenOf(1), takenOf(2)]);
      await telling.refused([takenOf(2)]);
      return {};
    },
  });
  await app.inject({ method: "POST", url: "/", remoteAddress: "192.0.2.7" });
  const line = (kind: string, rev: number): object => ({
    ...{ kind, what: "target/t", scope: "berlin", before: null, after: takenOf(rev).entry.raw },
  });
  expect(writes).toEqual([
    ["192.0.2.7", [line("entry", 1), line("entry", 2)]],
    ["192.0.2.7", [line("entry-refused", 2)]],
  ]);
});
