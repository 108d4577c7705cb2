/**
 * Prepares the page for printing: it gets the light theme, whatever the screen has, and the width of the paper, before the
 * charts are drawn for it.
 */
export function printInLight(): void {
  const { dataset } = document.documentElement;
  let theme = dataset["theme"];
  addEventListener("beforeprint", () => {
    theme = dataset["theme"];
    dataset["theme"] = "light";
    dataset["paper"] = "true";
  });
  addEventListener("afterprint", () => {
    dataset["theme"] = theme;
    delete dataset["paper"];
  });
}
