import type { Desk } from "./desk-context.ts";

/** A difference of shares in points, 0.01 a point, with its sign. */
export function signedPoints({ format }: Pick<Desk, "format">, points: number): string {
  const text = format.points(Math.abs(points));
  // A difference that is written as 0 gets no sign.
  const sign = Math.abs(points) < 0.0005 ? "" : points > 0 ? "+" : "−";
  return `${sign}${text}`;
}
