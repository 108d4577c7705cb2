/** Packs an array of numbers that are mostly 0 for a snapshot: places and amounts of the others, in the narrowest typed arrays that hold them. */

/** Structured-clonable. */
export interface Sparse {
  readonly length: number;
  readonly places: Uint16Array | Uint32Array;
  readonly amounts: Int32Array | Float64Array;
}

const UINT16_MAX = 2 ** 16 - 1;

/** The numbers that are not 0, with their places: 16-bit places and 32-bit amounts where all fit. */
export function sparseOf(numbers: Int32Array | Float64Array): Sparse {
  const { length } = numbers;
  let count = 0;
  let wide = false;
  for (let i = 0; i < length; i++) {
    const number = numbers[i] as number;
    if (number === 0) continue;
    count++;
    if ((number | 0) !== number) wide = true;
  }
  const places = length <= UINT16_MAX ? new Uint16Array(count) : new Uint32Array(count);
  const amounts = wide ? new Float64Array(count) : new Int32Array(count);
  let next = 0;
  for (let i = 0; i < length; i++) {
    const number = numbers[i] as number;
    if (number === 0) continue;
    places[next] = i;
    amounts[next++] = number;
  }
  return { length, places, amounts };
}

/** The array that `sparseOf` packed, as doubles. */
export function denseOf({ length, places, amounts }: Sparse): Float64Array {
  const numbers = new Float64Array(length);
  for (let i = 0; i < places.length; i++) numbers[places[i] as number] = amounts[i] as number;
  return numbers;
}
