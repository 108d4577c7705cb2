/** Pieces of an HTML page as text. Whatever comes from outside goes through `text`. */

/** Markup that needs no escaping any more. */
export class Markup {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }
}

type Piece = Markup | string | number | null | readonly Piece[];

/** A template whose values are escaped, unless they are markup; lists one after the other, `null` as nothing. */
export function markup(strings: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  return new Markup(strings.map((part, i) => part + (i < values.length ? htmlOf(values[i] ?? null) : "")).join(""));
}

function htmlOf(piece: Piece): string {
  if (piece === null) return "";
  if (piece instanceof Markup) return piece.html;
  if (typeof piece === "object") return piece.map(htmlOf).join("");
  return String(piece)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
