/** What stands at the edge of each printed page: what it is of, and its number. The style sheet of the page has no words. */
import { useEffect } from "react";

export function usePageHeader(title: string): void {
  useEffect(() => {
    // No `<style>`: the page's policy lets none in.
    const style = new CSSStyleSheet();
    const text = title.replace(/["\\\n\r]/g, (character) => `\\${character.codePointAt(0)?.toString(16) ?? ""} `);
    style.replaceSync(
      `@page { @top-left { content: "${text}"; } ` +
        '@bottom-right { content: counter(page) " / " counter(pages); } } ' +
        '@page :first { @top-left { content: ""; } @bottom-right { content: ""; } }',
    );
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
    return () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== style);
    };
  }, [title]);
}
