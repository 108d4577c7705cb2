const TIMES: readonly string[] = ["mttr", "mtbf", "meanStopDuration"];

/** Whether the values of a measure are times (ms). */
export function isTime(measure: string): boolean {
  return TIMES.includes(measure) || measure.startsWith("latency:");
}
