/** Paper is white: what is printed has the light theme, whatever the screen has. Charts draw themselves anew then. */
export function printInLight(): void {
  const { dataset } = document.documentElement;
  let theme = dataset["theme"];
  addEventListener("beforeprint", () => {
    theme = dataset["theme"];
    dataset["theme"] = "light";
  });
  addEventListener("afterprint", () => {
    dataset["theme"] = theme;
  });
}
