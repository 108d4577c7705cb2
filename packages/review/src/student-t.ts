/** Student's t for an interval of 95 %, to three decimals, by degrees of freedom (PI-8). */
const TO_30 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const;

const BEYOND = [
  [120, 1.98],
  [60, 2],
  [40, 2.021],
] as const;

/** Student's t for `degrees`, at least 1; between two degrees of the table that of the lower one, which gives the wider interval. */
export function studentT(degrees: number): number {
  for (const [from, t] of BEYOND) if (degrees >= from) return t;
  return TO_30[Math.min(degrees, TO_30.length) - 1] as number;
}
