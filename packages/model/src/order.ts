/**
 * The first place of a sorted list whose element is not before what is looked for; its length if all are. `isBefore` tells
 * of an element at a place, and is asked about a logarithm of their number.
 */
export function firstNotBefore(length: number, isBefore: (place: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Compares texts by Unicode code points, as the contract orders results (JavaScript's `<` compares UTF-16 units). */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const lengthMin = Math.min(a.length, b.length);
  for (let i = 0; i < lengthMin; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA === unitB) continue;
    // A surrogate stands for a code point above every other unit: put U+E000..U+FFFF below the surrogates.
    return rank(unitA) - rank(unitB);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
