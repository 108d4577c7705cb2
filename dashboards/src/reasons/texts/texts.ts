/** The tablet's texts, one language at a time. */
import type { TextPack } from "../../shared/i18n.ts";
import type { Singular } from "../../shared/texts/texts.ts";
import { en } from "./en.ts";

export type ReasonsKey = Singular<keyof typeof en>;

export const REASONS_TEXTS: TextPack = {
  en,
  load: {
    de: async () => (await import("./de.ts")).de,
    es: async () => (await import("./es.ts")).es,
    fr: async () => (await import("./fr.ts")).fr,
    pt: async () => (await import("./pt.ts")).pt,
    zh: async () => (await import("./zh.ts")).zh,
  },
};
