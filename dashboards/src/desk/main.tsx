/** Starts the page of the desk, `/review/<view>/<scope>`. */
import { createRoot } from "react-dom/client";
import { startPage } from "../shared/page.ts";
import { App } from "./App.tsx";
import { printInLight } from "./paper.ts";
import { DESK_TEXTS, type DeskKey } from "./texts/texts.ts";

async function start(root: HTMLElement): Promise<void> {
  const { translate, locale } = await startPage<DeskKey>(DESK_TEXTS);
  printInLight();
  createRoot(root).render(<App t={translate} locale={locale} />);
}

const root = document.getElementById("root");
if (root !== null) void start(root);
