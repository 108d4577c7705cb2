/** Reviews that are presented and signed off: which revisions there are, and of what they are. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { gatewayOfOven, type OvenGateway } from "../../test/oven.ts";
import { saidBy } from "../../../../tests/support/sign-in.ts";

let oven: OvenGateway;
beforeAll(async () => {
  oven = await gatewayOfOven();
});
afterAll(() => oven.close());

interface Taken {
  readonly entries: readonly { readonly id: string; readonly rev: number; readonly digest: string }[];
}
const REVIEW = { scope: "recife", period: "2026-03-02", ...saidBy("anna") };

test("RV-3: a review that is presented anew while nothing came has the same digest, and each sign-off is a revision of it", async () => {
  const first = await oven.ask<Taken>("/reviews", { ...REVIEW, id: "r" });
  const digest = first.body.entries[0]?.digest ?? "";
  expect([first.status, digest]).toEqual([202, expect.stringMatching(/^sha256:[0-9a-f]{64}$/)]);
  const again = await oven.ask<Taken>("/reviews", { ...REVIEW, id: "r", rev: 2 });
  expect(again.body.entries).toMatchObject([{ id: "r", rev: 2, digest }]);
  for (const [rev, role] of [
    [3, "boss"],
    [4, "fitter"],
  ] as const) {
    const signed = await oven.ask<Taken>("/reviews/r/sign-offs", { ...saidBy("ben"), role, digest });
    expect(signed).toMatchObject({ status: 202, body: { entries: [{ rev, digest }] } });
  }
  const { body, headers } = await oven.ask("/reviews/r");
  // That day in Recife.
  expect(["oee-period", "oee-from", "oee-to"].map((name) => headers.get(name))).toEqual([
    "2026-03-02",
    "2026-03-02T03:00:00.000Z",
    "2026-03-03T03:00:00.000Z",
  ]);
  expect(body).toMatchObject({ rev: 4, signOffs: [{ role: "boss" }, { role: "fitter" }] });
  expect(body).toMatchObject({ document: { scope: "recife", measures: { availability: { achieved: 150 / 180 } } } });
});

test("RV-3: a sign-off names the digest of the document as it was presented last, and the revision that follows", async () => {
  const { body } = await oven.ask<Taken>("/reviews", { ...REVIEW, id: "s" });
  const digest = body.entries[0]?.digest ?? "";
  const signOff = { ...saidBy("ben"), role: "boss" };
  expect(await oven.ask("/reviews/s/sign-offs", { ...signOff, digest: "sha256:0" })).toMatchObject({
    status: 422,
    body: { detail: `digest: expected that of the document as it was presented last, ${digest}` },
  });
  const conflict = await oven.ask("/reviews/s/sign-offs", { ...signOff, digest, rev: 7 });
  expect(conflict).toMatchObject({ status: 409, body: { newest: { rev: 1 } } });
});

test("a review that was withdrawn is neither shown nor signed", async () => {
  await oven.ask("/reviews", { ...REVIEW, id: "w" });
  const withdrawn = { ...REVIEW, type: "review", id: "w", rev: 2, withdrawn: true };
  expect((await oven.ask("/entries", withdrawn)).status).toBe(202);
  const gone = { status: 404, body: { detail: 'there is no review "w" in force' } };
  expect(await oven.ask("/reviews/w")).toMatchObject(gone);
  expect(await oven.ask("/reviews/w/differences")).toMatchObject(gone);
  expect(await oven.ask("/reviews/w/sign-offs", { ...saidBy("ben"), role: "boss" })).toMatchObject(gone);
});
