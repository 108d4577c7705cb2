/**
 * Makes lists of zeros whose numbers V8 keeps as doubles on its own heap; it keeps copies of such a list (`slice`) there too. A typed
 * array of more than 64 bytes has its numbers outside of that heap: to make and collect it was two fifths of the time that one more sum takes.
 */
export function zeros(length: number): readonly number[] {
  // V8 keeps a list as doubles once a number in it is not whole, also after zeros took its place.
  return Array.from({ length }, () => 0.5).fill(0);
}
