/**
 * Paper is white: what is printed has the light theme, whatever the screen has, and is laid out as wide as the page before
 * the charts draw themselves for it.
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
