/**
 * Finds what of a wall screen was drawn again between two moments (W-7): places where the DOM changed, and places that React
 * rendered again, even without a change of the DOM. The latter are found by React's properties object, which is a new one for each
 * element that was rendered. A place is the nearest `data-scope` around an element, or else the element's class.
 */
import type { Page } from "playwright-core";

export interface Redraws {
  readonly drawn: readonly string[];
  readonly rendered: readonly string[];
}

interface Watch {
  readonly take: () => Redraws;
}

/** Begins to watch a page. Call it once, when the page shows its first figures. */
export async function watchRedraws(page: Page): Promise<void> {
  await page.evaluate(() => {
    const placeOf = (node: Node): string => {
      const element = node instanceof Element ? node : node.parentElement;
      return element?.closest("[data-scope]")?.getAttribute("data-scope") ?? element?.getAttribute("class") ?? "";
    };
    const propertiesOf = (element: Element): unknown => {
      const key = Object.keys(element).find((name) => name.startsWith("__reactProps$"));
      return (element as unknown as Readonly<Record<string, unknown>>)[key ?? ""];
    };
    let known = new Map<Element, unknown>();
    const look = (): string[] => {
      const before = known;
      known = new Map([...document.querySelectorAll("#root *")].map((element) => [element, propertiesOf(element)]));
      return [...known].filter(([element, now]) => before.get(element) !== now).map(([element]) => placeOf(element));
    };
    look();
    const drawn = new Set<string>();
    const note = (changes: readonly MutationRecord[]): void => {
      for (const { target } of changes) drawn.add(placeOf(target));
    };
    const observer = new MutationObserver(note);
    observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    const take = (): Redraws => {
      note(observer.takeRecords());
      const all = { drawn: [...drawn], rendered: [...new Set(look())] };
      drawn.clear();
      return all;
    };
    Object.assign(globalThis, { watch: { take } });
  });
}

/** What was redrawn since the last call, or since `watchRedraws`. */
export async function redrawn(page: Page): Promise<Redraws> {
  return page.evaluate(() => (globalThis as unknown as { readonly watch: Watch }).watch.take());
}
