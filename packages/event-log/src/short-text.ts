/** UTF-8 of keys, which are mostly short and ASCII: a call out of JavaScript costs more than writing such a text does. */

export const SHORT = 64;

/** The number of bytes of a text. */
export function utf8Length(text: string): number {
  if (text.length > SHORT) return Buffer.byteLength(text);
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return Buffer.byteLength(text);
  return text.length;
}

/** Writes a text of so many bytes (`utf8Length`). */
export function writeUtf8(bytes: Buffer, at: number, text: string, length: number): void {
  // As many bytes as UTF-16 units: it is ASCII.
  if (length !== text.length || length > SHORT) bytes.write(text, at, length, "utf8");
  else for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
}
