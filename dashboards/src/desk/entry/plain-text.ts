/** The text of a field of an entry or of its form; an absent value is the empty text. */
export function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return "";
  return JSON.stringify(value);
}
