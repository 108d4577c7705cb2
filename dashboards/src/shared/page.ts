/** The start of desk and tablets: puts the language and theme of the address on the page. */
import { languageOf, loadTranslate, type TextPack, type TranslateOf } from "./i18n.ts";
import type { TextKey } from "./texts/texts.ts";
import { themeOf } from "./theme.ts";

export interface StartedPage<K extends string> {
  readonly translate: TranslateOf<TextKey | K>;
  /** BCP 47 tag by which numbers and dates are written. */
  readonly locale: string;
}

export async function startPage<K extends string>(pack: TextPack): Promise<StartedPage<K>> {
  const asked = new URLSearchParams(location.search).get("lang");
  const tag = asked !== null && isTag(asked) ? asked : navigator.language;
  const language = languageOf(tag) ?? "en";
  const locale = languageOf(tag) === null ? language : tag;
  const html = document.documentElement;
  html.lang = locale;
  html.dataset["theme"] = themeOf(location.search);
  return { translate: await loadTranslate<K>(language, pack), locale };
}

function isTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
