/**
 * A machine's shift (or its last eight hours) as bars, higher for states that need someone. All timelines of a screen share their
 * span, so that a stop can be followed along a line.
 */
import type { LiveElement, LiveShift } from "@oee/protocol";
import { memo, type ReactElement, useMemo } from "react";
import { useTranslate } from "../shared/i18n.ts";
import { useLive, useTicked } from "./live-context.ts";
import { hourMarks, TIMELINE_HEIGHT, TIMELINE_WIDTH, type TimelinePath, timelinePaths } from "./timeline-paths.ts";

const WITHOUT_SHIFT_MS = 8 * 3_600_000;
const STEP_MS = 10_000;

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The whole running shift, its future part too; without a shift the last eight hours. */
export function useTimelineSpan(shift: LiveShift | null): Span | null {
  const end = useTicked((knownUntil) => (knownUntil === null ? null : Math.ceil(knownUntil / STEP_MS) * STEP_MS));
  const inShift = shift !== null && shift.to > shift.from;
  const to = inShift ? shift.to : end;
  const from = inShift ? shift.from : (end ?? 0) - WITHOUT_SHIFT_MS;
  // Each message has the shift as a new object; only other instants make a new span, which redraws the timelines.
  return useMemo(() => (to === null ? null : { from, to }), [from, to]);
}

export function Timeline(props: { readonly element: LiveElement; readonly span: Span }): ReactElement {
  const { element, span } = props;
  const t = useTranslate();
  const until = useTicked((knownUntil) => (knownUntil === null ? null : Math.floor(knownUntil / STEP_MS) * STEP_MS));
  const segments = element.machine?.timeline ?? [];
  const paths = timelinePaths(segments, span.from, span.to, until ?? span.from);
  const pause = element.shift?.nextBreak ?? null;
  return (
    <svg
      className="timeline"
      viewBox={`0 0 ${TIMELINE_WIDTH} ${TIMELINE_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${t("figure.timeline")} ${element.name}`}
    >
      <Breaks from={pause?.from ?? null} to={pause?.to ?? null} span={span} />
      {paths.map((path) => (
        <Path key={path.sign} sign={path.sign} d={path.d} />
      ))}
      <NowLine at={until} span={span} />
    </svg>
  );
}

const Path = memo(function Path(props: TimelinePath): ReactElement {
  return <path className={`sky sky-${props.sign}`} d={props.d} />;
});

function xOf(at: number, span: Span): number {
  return Math.round(((at - span.from) / (span.to - span.from)) * TIMELINE_WIDTH);
}

function Breaks(props: {
  readonly from: number | null;
  readonly to: number | null;
  readonly span: Span;
}): ReactElement | null {
  const { from, to, span } = props;
  if (from === null || to === null || to <= span.from || from >= span.to) return null;
  const x = xOf(Math.max(from, span.from), span);
  return <rect className="sky-break" x={x} y="90" width={xOf(Math.min(to, span.to), span) - x} height="10" />;
}

function NowLine(props: { readonly at: number | null; readonly span: Span }): ReactElement | null {
  const { at, span } = props;
  if (at === null || at < span.from || at > span.to) return null;
  return <rect className="sky-now" x={xOf(at, span) - 1} y="0" width="2" height={TIMELINE_HEIGHT} />;
}

export const TimelineAxis = memo(function TimelineAxis(props: {
  readonly span: Span;
  readonly timezone: string;
  readonly marksMax: number;
}): ReactElement {
  const { format } = useLive();
  const { span, timezone, marksMax } = props;
  const marks = hourMarks(span.from, span.to, (at) => format.minuteOfDay(at, timezone), marksMax);
  return (
    <div className="axis" aria-hidden="true">
      {marks.map((at) => {
        const share = (at - span.from) / (span.to - span.from);
        const side = share < 0.03 ? "start" : share > 0.97 ? "end" : "middle";
        return (
          <span key={at} className={`axis-mark axis-${side}`} style={{ left: `${share * 100}%` }}>
            {format.timeOfDay(at, timezone)}
          </span>
        );
      })}
    </div>
  );
});

/** The hatching of "no data", once per page, for all timelines. */
export function HatchPattern(): ReactElement {
  return (
    <svg className="hatch-defs" aria-hidden="true" focusable="false">
      <pattern id="hatch" width="8" height="22" patternUnits="userSpaceOnUse">
        <rect className="hatch-ground" width="8" height="22" />
        <path className="hatch-stripe" d="M0 22 8 0h-4L0 11zM8 22V11L4 22z" />
      </pattern>
    </svg>
  );
}
