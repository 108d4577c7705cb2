import { createContext, useContext } from "react";
import type { TranslateOf } from "../../shared/i18n.ts";
import type { TextKey } from "../../shared/texts/texts.ts";
import type { ReasonsKey } from "./texts.ts";

export type ReasonsTranslate = TranslateOf<TextKey | ReasonsKey>;

export const ReasonsTextsContext = createContext<ReasonsTranslate>((key) => key);

export function useTexts(): ReasonsTranslate {
  return useContext(ReasonsTextsContext);
}
