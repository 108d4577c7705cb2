/** A field of an entry, or of its form, as a text: nothing is an empty one. */
export function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return "";
  return JSON.stringify(value);
}
