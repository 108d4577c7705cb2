import { atLeast } from "../shared/format.ts";
import type { Desk } from "./desk-context.ts";

/** A difference of shares in points, 0.01 a point, with its sign; one too small for its decimals is `+<0.1`. */
export function signedPoints({ format }: Pick<Desk, "format">, points: number): string {
  return signedText(points, 0.001, format.points);
}

/** A difference with its sign; one that is not 0 and would be written like it is less than `least`, the least size that is not. */
export function signedText(difference: number, least: number, write: (size: number) => string): string {
  const text = atLeast(Math.abs(difference), least, write);
  return text === write(0) ? text : `${difference > 0 ? "+" : "−"}${text}`;
}
