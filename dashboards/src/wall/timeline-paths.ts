/**
 * A timeline as one SVG path per sign, in a box of 1000 by 100. Height says the same as colour (W-2): production is low, stops
 * that needed someone are high, so that a shift can be read without colours too.
 * Work and output are bounded: 1000 columns, whatever the number of segments.
 */
import type { TimelineSegment } from "@oee/protocol";
import type { Sign } from "./sign.ts";

export const TIMELINE_WIDTH = 1_000;
export const TIMELINE_HEIGHT = 100;

export type TimelineSign = Exclude<Sign, "slow">;

const HEIGHTS: Readonly<Record<TimelineSign, number>> = {
  stopNoReason: 76,
  stop: 100,
  minorStop: 72,
  setup: 58,
  plannedStop: 46,
  noData: 58,
  running: 32,
  notPlanned: 10,
};

/** Height of the piece at the top of a stop without a reason, which stands apart from its bar like the dot of an i. */
const CAP_HEIGHT = 14;

function bar(left: number, right: number, top: number, bottom: number): string {
  return `M${left} ${top}H${right}V${bottom}H${left}Z`;
}

export interface TimelinePath {
  readonly sign: TimelineSign;
  readonly d: string;
}

export function timelineSign(segment: TimelineSegment): TimelineSign {
  if (segment.state === "unknown") return "noData";
  switch (segment.category) {
    case "production":
      return "running";
    case "unplannedStop":
      return segment.minor ? "minorStop" : segment.reason === null ? "stopNoReason" : "stop";
    case "setup":
    case "plannedStop":
    case "notPlanned":
      return segment.category;
    default:
      return "noData";
  }
}

/** The paths of segments, cut to `[from, to)`. `until`: the newest instant known, up to which the last segment is drawn. */
export function timelinePaths(
  segments: readonly TimelineSegment[],
  from: number,
  to: number,
  until: number,
): readonly TimelinePath[] {
  const scale = TIMELINE_WIDTH / (to - from);
  const column = (at: number): number => Math.round((Math.min(Math.max(at, from), to) - from) * scale);
  const parts = new Map<TimelineSign, string>();
  let drawnTo = -1;
  segments.forEach((segment, index) => {
    const end = index === segments.length - 1 ? Math.max(segment.to, until) : segment.to;
    const left = Math.max(column(segment.from), drawnTo);
    const right = column(end);
    if (right <= left) return;
    drawnTo = right;
    const sign = timelineSign(segment);
    const top = TIMELINE_HEIGHT - HEIGHTS[sign];
    parts.set(sign, (parts.get(sign) ?? "") + bar(left, right, top, TIMELINE_HEIGHT));
    if (sign === "stopNoReason") parts.set(sign, (parts.get(sign) ?? "") + bar(left, right, 0, CAP_HEIGHT));
  });
  return [...parts].map(([sign, d]) => ({ sign, d }));
}

/** Full hours of the site's clock between two instants, so many apart that at most `marksMax` labels stand side by side. */
export function hourMarks(
  from: number,
  to: number,
  minuteOfDay: (at: number) => number,
  marksMax: number,
): readonly number[] {
  const quarterMs = 900_000;
  const stepMinutes = 60 * Math.max(1, Math.ceil((to - from) / (4 * quarterMs) / marksMax));
  const marks: number[] = [];
  // Zones lie a multiple of a quarter of an hour from UTC, so a full local hour is a full UTC quarter.
  for (let at = Math.ceil(from / quarterMs) * quarterMs; at <= to; at += quarterMs) {
    if (minuteOfDay(at) % stepMinutes === 0) marks.push(at);
  }
  return marks;
}
