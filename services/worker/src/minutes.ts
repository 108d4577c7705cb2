const MINUTE_MS = 60_000;

/** Where an instant's UTC minute begins (epoch ms). */
export function minuteStart(instant: number): number {
  return Math.floor(instant / MINUTE_MS) * MINUTE_MS;
}
