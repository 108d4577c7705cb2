/** Stops over the period, with one lane for each machine, so that a stop can be followed along the line. */
import { type ReactElement, useMemo } from "react";
import type { StopRow } from "../shared/api/rows.ts";
import type { Element } from "./data/rows.ts";
import { useHours } from "./data/use-hours.ts";
import { useDesk } from "./desk-context.ts";
import { nameOf } from "./element-columns.ts";
import { hourTicks } from "./hour-ticks.ts";
import { absolute } from "./PeriodPicker.tsx";

const LANES_MAX = 12;
/** Most bars that are drawn: more would be too thin to see, and slow to draw. */
const BARS_MAX = 3_000;

/** The last place of a tick (percent of the width) behind which its text would be cut off. */
const TICK_SHARE_MAX = 95;

export function Timelines(props: {
  readonly rows: readonly StopRow[];
  readonly onChoose: (row: StopRow) => void;
}): ReactElement | null {
  const { rows } = props;
  return rows.length === 0 || rows.length > BARS_MAX ? null : <Lanes {...props} />;
}

function Lanes(props: {
  readonly rows: readonly StopRow[];
  readonly onChoose: (row: StopRow) => void;
}): ReactElement | null {
  const { rows, onChoose } = props;
  const desk = useDesk();
  const { t, format, scope, plant, spans } = desk;
  const machines = useMemo(() => {
    const stopped = new Set(rows.map(({ machine }) => machine));
    return plant.below(scope.path, "machine").filter(({ path }) => stopped.has(path));
  }, [plant, scope, rows]);
  const [from, to] = [Date.parse(absolute(spans.span.from)), Date.parse(absolute(spans.span.to))];
  const hours = useHours(spans.span, machines.length <= LANES_MAX);
  if (machines.length > LANES_MAX) return null;
  /** The place of an instant in the period, in percent; before it 0, after it 100. */
  const share = (at: number): number => Math.max(0, Math.min(100, ((at - from) / (to - from || 1)) * 100));
  const ticks = hourTicks(from, to, scope.timezone, format).filter((at) => share(at) <= TICK_SHARE_MAX);
  return (
    <figure className="lanes">
      <figcaption>{t("stops.timelines")}</figcaption>
      {hours.size === 0 ? null : (
        <p className="lane-legend muted">
          {GROUNDS.map(([sign, label]) => (
            <span key={sign}>
              <i className="lane-key" data-ground={sign} /> {t(label)}
            </span>
          ))}
        </p>
      )}
      {machines.map(({ path }) => (
        <div key={path} className="lane">
          <span className="lane-name cut">
            <bdi>{nameOf(desk, path)}</bdi>
          </span>
          <span className="lane-bars" aria-hidden="true">
            {hours.get(path)?.map((hour) => (
              <HourGround key={hour.from} hour={hour} share={share} />
            ))}
            {rows
              .filter(({ machine }) => machine === path)
              .map((row) => {
                const start = share(Date.parse(row.from));
                return (
                  <span
                    key={row.from}
                    className="lane-bar"
                    data-sign={row.minor ? "minorStop" : row.reason === null ? "stopNoReason" : "stop"}
                    style={{ left: `${start}%`, width: `${share(Date.parse(row.to)) - start}%` }}
                    title={`${format.timeOfDay(Date.parse(row.from), scope.timezone)} · ${format.duration(Date.parse(row.to) - Date.parse(row.from))} · ${row.reason === null ? t("desk.noReason") : desk.reasons.nameOf(row.reason)}`}
                    onClick={() => onChoose(row)}
                  />
                );
              })}
          </span>
        </div>
      ))}
      {ticks.length === 0 ? null : (
        <div className="lane muted" aria-hidden="true">
          <span />
          <span className="lane-ticks">
            {ticks.map((at) => (
              <span key={at} style={{ left: `${share(at)}%` }}>
                {format.timeOfDay(at, scope.timezone)}
              </span>
            ))}
          </span>
        </div>
      )}
      <div className="lane muted">
        <span />
        <span className="lane-ends">
          <span>{format.instant(from, to, scope.timezone)}</span>
          <span>{format.instant(to, from, scope.timezone)}</span>
        </span>
      </div>
    </figure>
  );
}

/** Components that are drawn behind the stops, each as high as its share of the hour. */
const GROUNDS = [
  ["run", "ground.run"],
  ["planned", "ground.planned"],
  ["notPlanned", "ground.notPlanned"],
  ["unknown", "ground.unknown"],
] as const;

/** An hour's running time, setups and planned stops, time not planned, and unknown time, stacked from below. */
function HourGround(props: { readonly hour: Element; readonly share: (at: number) => number }): ReactElement {
  const { hour, share } = props;
  const [from, to] = [Date.parse(hour.from), Date.parse(hour.to)];
  const start = share(from);
  const { runTime, setupTime, plannedStopTime, notPlannedTime, unknownTime } = hour.components;
  const parts = [
    ["run", runTime],
    ["planned", setupTime + plannedStopTime],
    ["notPlanned", notPlannedTime],
    ["unknown", unknownTime],
  ] as const;
  let foot = 0;
  return (
    <>
      {parts.map(([sign, time]) => {
        const height = (time / (to - from)) * 100;
        if (height <= 0) return null;
        const style = {
          left: `${start}%`,
          width: `${share(to) - start}%`,
          bottom: `${foot}%`,
          height: `${height}%`,
        };
        foot += height;
        return <span key={sign} className="lane-hour" data-ground={sign} style={style} />;
      })}
    </>
  );
}
