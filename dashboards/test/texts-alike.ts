/** What the tests of all texts have in common. */
import { expect } from "vitest";
import { LANGUAGES, type TextPack } from "../src/shared/i18n.ts";

function placeholders(text: string): readonly string[] {
  return [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1] ?? "").toSorted();
}

/** Every language has every text of the English list, with the same values in it, and no other. */
export async function expectAlike({ en, load }: TextPack): Promise<void> {
  for (const language of LANGUAGES) {
    if (language === "en") continue;
    const texts = await load[language]();
    expect(Object.keys(texts).toSorted()).toEqual(Object.keys(en).toSorted());
    for (const [key, english] of Object.entries(en)) {
      const text = texts[key] ?? "";
      expect(text.trim(), `${language} ${key}`).not.toBe("");
      expect(placeholders(text), `${language} ${key}`).toEqual(placeholders(english));
    }
  }
}
