/** Whole local hours within a span of hours or days, so that a time can be read off a timeline. */
import type { Format } from "../shared/format.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const STEPS_HOURS = [1, 2, 3, 6, 12] as const;
const TICKS_MAX = 9;

/** Epoch ms, at most about `TICKS_MAX`; none in a span that is longer than half-days can mark. */
export function hourTicks(
  from: number,
  to: number,
  zone: string,
  { minuteOfDay }: Pick<Format, "minuteOfDay">,
): readonly number[] {
  const step = STEPS_HOURS.find((hours) => (to - from) / (hours * HOUR_MS) <= TICKS_MAX);
  if (step === undefined) return [];
  const minute = Math.ceil(from / MINUTE_MS) * MINUTE_MS;
  const first = minute + ((60 - (minuteOfDay(minute, zone) % 60)) % 60) * MINUTE_MS;
  const ticks: number[] = [];
  for (let at = first; at <= to; at += HOUR_MS) if ((minuteOfDay(at, zone) / 60) % step === 0) ticks.push(at);
  return ticks;
}
