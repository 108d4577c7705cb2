import type { ReviewEntry } from "@oee/review";
import { expect, test } from "vitest";
import { PLANT } from "../../test/gateway-fixture.ts";
import { openMemoryEntries } from "../../test/memory-topics.ts";
import { checkFourEyes, checkSignOffs } from "./sign-offs.ts";

const SIGN_OFF = { by: "ben", role: "quality", at: "2026-03-02T06:00:00.000Z", digest: "sha256:d" };
/** As `anna` presented it, and as it was when `ben` had signed it off. */
const PRESENTED = {
  ...{ type: "review", id: "r1", rev: 1, by: "anna", scope: "berlin", period: "2026-02", position: {} },
  ...{ instant: "2026-03-02T05:00:00.000Z", plant: "v", document: "{}", digest: "sha256:d", signOffs: [] },
};
const SIGNED = { ...PRESENTED, rev: 2, by: "ben", signOffs: [SIGN_OFF] };

test("a revision has the sign-offs of the one before; presented anew, or withdrawn, it has none", async () => {
  const entries = await openMemoryEntries(PRESENTED, SIGNED);
  const { type, id, scope, period, digest } = PRESENTED;
  const check = (more: object): Promise<void> =>
    checkSignOffs(PLANT.plant, entries, { type, id, rev: 3, scope, period, ...more });
  await expect(check({ digest, signOffs: [SIGN_OFF] })).resolves.toBeUndefined();
  await expect(check({ signOffs: [] })).resolves.toBeUndefined();
  await expect(check({ digest, signOffs: [], withdrawn: true })).resolves.toBeUndefined();
  const refused = expect.objectContaining({ code: "OEE_HTTP_BY_REFUSED" }) as unknown;
  await expect(check({ digest, signOffs: [] })).rejects.toEqual(refused);
  await expect(check({ digest, signOffs: [SIGN_OFF, { ...SIGN_OFF, by: "cora" }] })).rejects.toEqual(refused);
  await expect(check({ id: "r2", signOffs: [SIGN_OFF] })).rejects.toEqual(refused);
});

test("with four eyes the presenter is whoever presented the document that is signed, not who signed it last", async () => {
  const entries = await openMemoryEntries(PRESENTED, SIGNED);
  const { book } = (await entries.programmeOf(PLANT.plant)).programme;
  const newest = book.newestOf("review", "r1") as ReviewEntry;
  expect(newest.rev).toBe(2);
  expect(() => checkFourEyes(book, newest, "anna")).toThrow("by somebody else than who presented it");
  expect(() => checkFourEyes(book, newest, "ben")).not.toThrow();
});
