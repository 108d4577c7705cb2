/** Items in a given order of their names, others after them as they came: a presented document has its names in the order of code points. */
export function inOrder<T>(items: readonly T[], order: readonly string[], nameOf: (item: T) => string): readonly T[] {
  const placeOf = (item: T): number => {
    const at = order.indexOf(nameOf(item));
    return at < 0 ? order.length : at;
  };
  return [...items].sort((a, b) => placeOf(a) - placeOf(b));
}
