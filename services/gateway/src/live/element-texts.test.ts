import { expect, test } from "vitest";
import { FILLER, PLANT, START } from "../../test/gateway-fixture.ts";
import { ElementMemory, ElementTexts } from "./element-texts.ts";

const scope = PLANT.plant.scopes.get(FILLER);
if (scope === undefined) throw new Error(`no scope ${FILLER}`);

test("an element is kept until its scope changes, or time may have changed what it says", () => {
  const texts = new ElementTexts("key", 250, new ElementMemory());
  texts.asOf(START);
  texts.begin(scope);
  expect(texts.of(scope)).toBeNull();
  texts.made(scope, Buffer.from("first"));
  texts.asOf(START + 249);
  expect(texts.of(scope)?.toString()).toBe("first");
  texts.forget(scope);
  expect(texts.of(scope)).toBeNull();
  texts.begin(scope);
  texts.made(scope, Buffer.from("second"));
  // From when the oldest may have been made.
  texts.asOf(START + 250);
  expect(texts.of(scope)).toBeNull();
});

test("an element whose scope changes while it is made is not kept: it may lack the change", () => {
  const texts = new ElementTexts("key", 250, new ElementMemory());
  texts.asOf(START);
  texts.begin(scope);
  texts.forget(scope);
  texts.made(scope, Buffer.from("without the change"));
  expect(texts.of(scope)).toBeNull();
});

test("memory of elements is taken anew by newer ones, and none is read where that began", () => {
  const memory = new ElementMemory();
  const sizes = [1, 300_000, 7, 400_000, 2, 500_000, memory.bytes.length, memory.bytes.length + 1, 3];
  const kept: { readonly place: number | null; readonly element: Buffer }[] = [];
  for (let i = 0; i < 60; i++) {
    const element = Buffer.alloc(sizes[i % sizes.length] ?? 0, i + 1);
    kept.push({ place: memory.keep(element), element });
    const found = kept.map(({ place, element: { length } }) => (place === null ? null : memory.at(place, length)));
    for (const [j, bytes] of found.entries()) if (bytes !== null) expect(kept[j]?.element.equals(bytes)).toBe(true);
    // The newest is always there, unless it is too long.
    expect(found.at(-1) === null).toBe(element.length > memory.bytes.length);
  }
  const texts = ["a", "b"].map((key) => new ElementTexts(key, 250, memory));
  for (const each of texts) each.begin(scope);
  for (const each of texts) each.made(scope, Buffer.from(each.key));
  expect(texts.map((each) => each.of(scope)?.toString())).toEqual(["a", "b"]);
  memory.keep(Buffer.alloc(memory.bytes.length));
  expect(texts.map((each) => each.of(scope))).toEqual([null, null]);
});
