/** Distances between the marks of an axis of time, so that what is written at each mark is its value and not a rounded one. */
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const STEPS_MS = [
  ...[1, 2, 5, 10, 20, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 20, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
];

/** Of durations (ms) in their two largest units: the least round one from `least` on. */
export function durationStep(least: number): number {
  return STEPS_MS.find((step) => step >= least) ?? DAY_MS * roundFrom(least / DAY_MS);
}

/** Of hours with at most two decimals: the least round number of hours from `least` on. */
export function hoursStep(least: number): number {
  return roundFrom(Math.max(least, 0.01));
}

/** 1, 2 or 5 times a power of ten. */
function roundFrom(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((digit) => digit * power >= least) ?? 10);
}
