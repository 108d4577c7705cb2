/**
 * Texts in the language of the address, through i18next; only that language is loaded, English stands in for what fails.
 * Values are never escaped or expanded here: React shows them as text (W-8).
 */
import { createInstance } from "i18next";
import { createContext, useContext } from "react";
import { en } from "./texts/en.ts";
import type { TextKey, Texts } from "./texts/texts.ts";

export const LANGUAGES = ["en", "de", "es", "fr", "pt", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What the languages call themselves. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: "English",
  de: "Deutsch",
  es: "Español",
  fr: "Français",
  pt: "Português",
  zh: "中文",
};

const LOADERS: Readonly<Record<Exclude<Language, "en">, () => Promise<Texts>>> = {
  de: async () => (await import("./texts/de.ts")).de,
  es: async () => (await import("./texts/es.ts")).es,
  fr: async () => (await import("./texts/fr.ts")).fr,
  pt: async () => (await import("./texts/pt.ts")).pt,
  zh: async () => (await import("./texts/zh.ts")).zh,
};

export type Translate = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

/** The product's language for a BCP 47 tag (`de-AT` is German), or `null`. */
export function languageOf(tag: string): Language | null {
  const primary = tag.toLowerCase().split("-")[0];
  return LANGUAGES.find((language) => language === primary) ?? null;
}

export async function loadTranslate(language: Language): Promise<Translate> {
  const resources: Record<string, { translation: Texts }> = { en: { translation: en } };
  if (language !== "en") {
    try {
      resources[language] = { translation: await LOADERS[language]() };
    } catch {
      // English is better than no screen; the next reload tries again.
    }
  }
  const instance = createInstance();
  await instance.init({
    lng: language,
    fallbackLng: "en",
    resources,
    keySeparator: false,
    nsSeparator: false,
    showSupportNotice: false,
    interpolation: { escapeValue: false, skipOnVariables: true },
  });
  return (key, values) => instance.t(key, values ?? {});
}

export const TranslateContext = createContext<Translate>((key) => key);

export function useTranslate(): Translate {
  return useContext(TranslateContext);
}
