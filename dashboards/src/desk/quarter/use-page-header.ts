/** Prints the document's name and the page number at the edge of each page. The texts are set here, as style sheets hold none. */
import { useEffect } from "react";

export function usePageHeader(title: string): void {
  useEffect(() => {
    // A constructed style sheet, since the page's content policy allows no `<style>`.
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
