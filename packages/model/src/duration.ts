/** Durations as people write them in the plant file and on the command line: `5m`, `1500ms`, `0`. */

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a whole number with `ms`, `s`, `m`, `h` or `d`, or of `0`; `null` for any other text. */
export function durationMsOf(text: string): number | null {
  if (text === "0") return 0;
  const match = /^([0-9]+)(ms|s|m|h|d)$/.exec(text);
  if (match === null) return null;
  const durationMs = Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? Number.NaN);
  return Number.isSafeInteger(durationMs) ? durationMs : null;
}
