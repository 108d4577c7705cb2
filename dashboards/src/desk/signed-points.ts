import type { Desk } from "./desk-context.ts";

/** A difference of shares in points, 0.01 a point, with its sign. */
export function signedPoints({ format }: Pick<Desk, "format">, points: number): string {
  const text = format.points(Math.abs(points));
  // What is written as 0 has no sign.
  const sign = Math.abs(points) < 0.0005 ? "" : points > 0 ? "+" : "−";
  return `${sign}${text}`;
}
