import { expect, test } from "vitest";
import { MESSAGE } from "../../test/alert-message.ts";
import { FILLER, PLANT, START } from "../../test/gateway-fixture.ts";
import { messageBody } from "./message-text.ts";

test("a message says in the site's local time where, since when and to whom, and links to the wall", () => {
  const { subject, text, url } = messageBody(PLANT.plant, MESSAGE, "https://oee.example");
  // 05:00Z is 06:00 in Berlin in March.
  expect(subject).toBe("[OEE] Filler stands still, since 2026-03-02 06:00 (Europe/Berlin)");
  expect(url).toBe(`https://oee.example/wall/${FILLER}`);
  expect(text).toContain("To:          responsible (fitter), step 1\nAccountable: boss\n");
  expect(text.trimEnd().endsWith(url ?? "?")).toBe(true);
});

test("a withdrawal says that it was not so; without an address of the gateway there is no link", () => {
  const alert = { ...MESSAGE.alert, withdrawn: START };
  const body = messageBody(PLANT.plant, { ...MESSAGE, kind: "withdrawal", alert }, null);
  expect(body.subject).toBe("[OEE] Withdrawn: Filler stands still");
  expect(body.text).toMatch(/^Events that came late show that it was not so: Filler stands still\.\n/);
  expect([body.url, body.alert.state]).toEqual([null, "withdrawn"]);
});
