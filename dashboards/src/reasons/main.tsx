/** The entry of the tablets' page: `/reasons/<scope>?lang&theme`. */
import { createRoot } from "react-dom/client";
import { startPage } from "../shared/page.ts";
import { App } from "./App.tsx";
import { keepPage } from "./offline-page.ts";
import { REASONS_TEXTS, type ReasonsKey } from "./texts/texts.ts";
import { ReasonsTextsContext } from "./texts/use-texts.ts";

async function start(root: HTMLElement): Promise<void> {
  const { translate, locale } = await startPage<ReasonsKey>(REASONS_TEXTS);
  void keepPage();
  createRoot(root).render(
    <ReasonsTextsContext.Provider value={translate}>
      <App locale={locale} />
    </ReasonsTextsContext.Provider>,
  );
}

const root = document.getElementById("root");
if (root !== null) void start(root);
