import { expect, test } from "vitest";
import { FILLER, PLANT, START } from "../../test/gateway-fixture.ts";
import { ElementTexts } from "./element-texts.ts";

const scope = PLANT.plant.scopes.get(FILLER);
if (scope === undefined) throw new Error(`no scope ${FILLER}`);

test("an element is kept until its scope changes, or time may have changed what it says", () => {
  const texts = new ElementTexts("key", 250);
  texts.asOf(START);
  texts.begin(scope);
  expect(texts.of(scope)).toBeNull();
  texts.made(scope, "first");
  texts.asOf(START + 249);
  expect(texts.of(scope)).toBe("first");
  texts.forget(scope);
  expect(texts.of(scope)).toBeNull();
  texts.begin(scope);
  texts.made(scope, "second");
  // From when the oldest may have been made.
  texts.asOf(START + 250);
  expect(texts.of(scope)).toBeNull();
});

test("an element whose scope changes while it is made is not kept: it may lack the change", () => {
  const texts = new ElementTexts("key", 250);
  texts.asOf(START);
  texts.begin(scope);
  texts.forget(scope);
  texts.made(scope, "without the change");
  expect(texts.of(scope)).toBeNull();
});
