/** Stops over time, a machine a lane, so that one can be followed along the line. */
import { type ReactElement, useMemo } from "react";
import type { StopRow } from "../shared/api/rows.ts";
import { useDesk } from "./desk-context.ts";
import { nameOf } from "./element-columns.ts";

const LANES_MAX = 12;
/** More would be thinner than they can be seen, and slow to draw. */
const BARS_MAX = 3_000;

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
  const { t, format, scope, plant } = desk;
  const machines = useMemo(() => {
    const stopped = new Set(rows.map(({ machine }) => machine));
    return plant.below(scope.path, "machine").filter(({ path }) => stopped.has(path));
  }, [plant, scope, rows]);
  if (machines.length > LANES_MAX) return null;
  const from = Math.min(...rows.map((row) => Date.parse(row.from)));
  const to = Math.max(...rows.map((row) => Date.parse(row.to)));
  const share = (at: number): number => ((at - from) / (to - from || 1)) * 100;
  return (
    <figure className="lanes">
      <figcaption>{t("stops.timelines")}</figcaption>
      {machines.map(({ path }) => (
        <div key={path} className="lane">
          <span className="cut">{nameOf(desk, path)}</span>
          <span className="lane-bars" aria-hidden="true">
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
                    title={`${format.timeOfDay(Date.parse(row.from), scope.timezone)} ${row.reason ?? t("desk.noReason")}`}
                    onClick={() => onChoose(row)}
                  />
                );
              })}
          </span>
        </div>
      ))}
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
