import { describe, expect, test } from "vitest";
import { LANGUAGES, languageOf, loadTranslate } from "./i18n.ts";
import { de } from "./texts/de.ts";
import { en } from "./texts/en.ts";
import { es } from "./texts/es.ts";
import { fr } from "./texts/fr.ts";
import { pt } from "./texts/pt.ts";
import type { Texts } from "./texts/texts.ts";
import { zh } from "./texts/zh.ts";

const OTHERS: readonly (readonly [string, Texts])[] = [
  ["de", de],
  ["es", es],
  ["fr", fr],
  ["pt", pt],
  ["zh", zh],
];

function placeholders(text: string): readonly string[] {
  return [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1] ?? "").toSorted();
}

describe.each(OTHERS)("texts in %s", (_, texts) => {
  test.each(Object.entries(en))("%s says as much as in English", (key, english) => {
    const text = texts[key as keyof Texts];
    expect(text.trim()).not.toBe("");
    expect(placeholders(text)).toEqual(placeholders(english));
  });
});

test("a language is found by its tag, regions aside", () => {
  expect(languageOf("de-AT")).toBe("de");
  expect(languageOf("ZH-Hant")).toBe("zh");
  expect(languageOf("fi")).toBeNull();
});

test.each(LANGUAGES)("W-8: in %s a name is put in as it is, whatever it looks like", async (language) => {
  const t = await loadTranslate(language);
  const hostile = "<b>&amp;$t(sign.stop){{count}}";
  expect(t("detail.order", { order: hostile })).toContain(hostile);
});
