/** The page's theme: that of the address, else that of the device. */
export const THEMES = ["dark", "light"] as const;
export type Theme = (typeof THEMES)[number];

export function themeOf(search: string): Theme {
  const asked = new URLSearchParams(search).get("theme");
  const known = THEMES.find((theme) => theme === asked);
  return known ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}
