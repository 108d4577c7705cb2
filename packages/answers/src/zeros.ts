/**
 * Zeros in a list that V8 keeps as doubles on its heap, and so do copies of it by `slice`. A typed array of more than 64 bytes
 * has its numbers outside of the heap, where making and collecting it was two fifths of the time that one more sum takes.
 */
export function zeros(length: number): readonly number[] {
  // A number that is not whole decides what V8 keeps; what takes its place does not change that.
  return Array.from({ length }, () => 0.5).fill(0);
}
