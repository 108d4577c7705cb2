/**
 * Makes objects by column of a table's rows. A cell that is `null` or missing is no property. A name that several columns have is one that
 * throws when it is read, and says so: which of them was meant nobody knows.
 */
export function tableRows(
  columns: readonly string[],
): (cells: readonly unknown[]) => Readonly<Record<string, unknown>> {
  const places = new Map<string, number[]>();
  for (const [place, column] of columns.entries()) places.set(column, [...(places.get(column) ?? []), place]);
  const single = columns.map((column) => places.get(column)?.length === 1);
  const shared: PropertyDescriptorMap = {};
  for (const [column, all] of places) {
    if (all.length === 1) continue;
    const numbers = all.map((place) => place + 1).join(" and ");
    const get = (): never => {
      throw new Error(`columns ${numbers} are all named ${JSON.stringify(column)}: give each a name of its own`);
    };
    // Not enumerable: it has no place in what is told of the row.
    Object.defineProperty(shared, column, { value: { get }, enumerable: true });
  }
  return (cells) => {
    const named = columns.flatMap((column, place) => {
      const cell = cells[place];
      return single[place] === true && cell !== null && cell !== undefined ? [[column, cell] as const] : [];
    });
    return Object.defineProperties(Object.fromEntries(named), shared);
  };
}

/** Digits of a decimal that every number keeps. */
const DIGITS_EXACT = 15;

/** A decimal of a table (`-1.50`): a text where a number would change its digits, as those of an order of twenty. */
export function decimalIn(text: string): number | string {
  const number = Number(text);
  const [digits = ""] = text.replace(".", "").match(/[1-9].*/) ?? [];
  return digits.replace(/0+$/, "").length <= DIGITS_EXACT && Number.isFinite(number) ? number : text;
}
