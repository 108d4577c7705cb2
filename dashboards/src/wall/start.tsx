/** Starts the wall in a page: a screen where the address names a scope, else the page that sets one up. */
import { type ReactElement } from "react";
import { createRoot } from "react-dom/client";
import { createFormat } from "../shared/format.ts";
import { languageOf, loadTranslate, TranslateContext } from "../shared/i18n.ts";
import { parseWallAddress } from "./address.ts";
import { CrashGuard } from "./CrashGuard.tsx";
import { Screen } from "./Screen.tsx";

export async function startWall(root: HTMLElement): Promise<void> {
  const parsed = parseWallAddress(location.pathname, location.search);
  const tag = parsed.address.language ?? navigator.language;
  const language = languageOf(tag) ?? "en";
  // Where the tag is no valid BCP 47 tag, which is reported as a problem, numbers are written by its language alone.
  const locale =
    languageOf(tag) === null || parsed.problems.some((problem) => problem.option === "lang") ? language : tag;
  const translate = await loadTranslate(language);
  const html = document.documentElement;
  html.lang = locale;
  html.dataset["theme"] = parsed.address.theme;
  const setUp = parsed.address.scopes.length === 0;
  html.dataset["page"] = setUp ? "setup" : "screen";
  let page: ReactElement;
  if (setUp) {
    const { SetUp } = await import("./setup/SetUp.tsx");
    page = <SetUp initial={parsed.address} format={createFormat(locale)} />;
  } else {
    document.title = `${parsed.address.scopes[0] ?? ""} · open OEE`;
    page = <Screen parsed={parsed} locale={locale} />;
  }
  createRoot(root).render(
    <TranslateContext.Provider value={translate}>
      <CrashGuard>{page}</CrashGuard>
    </TranslateContext.Provider>,
  );
}
