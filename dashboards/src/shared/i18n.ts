/**
 * Texts in the language of the address, by i18next. Only that language is loaded; where it cannot be loaded texts are English.
 * Values put into texts are not escaped or expanded here: React shows them as text (W-8).
 */
import { createInstance } from "i18next";
import { createContext, useContext } from "react";
import { en } from "./texts/en.ts";
import type { TextKey, Texts } from "./texts/texts.ts";

export const LANGUAGES = ["en", "de", "es", "fr", "pt", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The languages' own names. */
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

export type TranslateOf<K extends string> = (key: K, values?: Readonly<Record<string, string | number>>) => string;

export type Translate = TranslateOf<TextKey>;

/** Texts of one dashboard, beside those that all share: English is bundled, the others are loaded. */
export interface TextPack {
  readonly en: Readonly<Record<string, string>>;
  readonly load: Readonly<Record<Exclude<Language, "en">, () => Promise<Readonly<Record<string, string>>>>>;
}

const SHARED: TextPack = { en, load: LOADERS };

/** The product's language for a BCP 47 tag (`de-AT` is German), or `null`. */
export function languageOf(tag: string): Language | null {
  const primary = tag.toLowerCase().split("-")[0];
  return LANGUAGES.find((language) => language === primary) ?? null;
}

/** Loads the texts of a language. `pack`: texts of one dashboard, with the keys `K`, beside the shared ones. */
export async function loadTranslate<K extends string = never>(
  language: Language,
  pack?: TextPack,
): Promise<TranslateOf<TextKey | K>> {
  const packs = pack === undefined ? [SHARED] : [SHARED, pack];
  const merged = (all: readonly Readonly<Record<string, string>>[]): Record<string, string> =>
    Object.assign({}, ...all);
  const resources: Record<string, { translation: Record<string, string> }> = {
    en: { translation: merged(packs.map((each) => each.en)) },
  };
  if (language !== "en") {
    try {
      resources[language] = { translation: merged(await Promise.all(packs.map((each) => each.load[language]()))) };
    } catch {
      // The texts stay English until the page is loaded again.
    }
  }
  const instance = createInstance();
  await instance.init({
    lng: language,
    fallbackLng: "en",
    resources,
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false, skipOnVariables: true },
  });
  return (key: string, values) => instance.t(key, { ...values });
}

export const TranslateContext = createContext<Translate>((key) => key);

export function useTranslate(): Translate {
  return useContext(TranslateContext);
}
