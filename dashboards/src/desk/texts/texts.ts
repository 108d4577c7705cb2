/** The desk's texts, loaded for one language at a time, with those of the tablet, whose choice of reasons the desk has too. */
import { REASONS_TEXTS, type ReasonsKey } from "../../reasons/texts/texts.ts";
import type { TextPack } from "../../shared/i18n.ts";
import { en } from "./en.ts";

export type DeskKey = keyof typeof en | ReasonsKey;

type Load = () => Promise<Readonly<Record<string, string>>>;

function both(own: Load, tablets: Load): Load {
  return async () => Object.assign({}, ...(await Promise.all([tablets(), own()]))) as Record<string, string>;
}

const { load } = REASONS_TEXTS;

export const DESK_TEXTS: TextPack = {
  en: { ...REASONS_TEXTS.en, ...en },
  load: {
    de: both(async () => (await import("./de.ts")).de, load.de),
    es: both(async () => (await import("./es.ts")).es, load.es),
    fr: both(async () => (await import("./fr.ts")).fr, load.fr),
    pt: both(async () => (await import("./pt.ts")).pt, load.pt),
    zh: both(async () => (await import("./zh.ts")).zh, load.zh),
  },
};
