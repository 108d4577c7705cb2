/** The view by hour or shift: good count against target, with losses and reasons. It prints on one page, for the handover of a shift. */
import type { Every as Period } from "@oee/model";
import { type ReactElement, useMemo } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import { Chart } from "../chart/Chart.tsx";
import type { BarsSpec } from "../chart/spec.ts";
import { Choice } from "../Choice.tsx";
import type { Element } from "../data/rows.ts";
import { useStops } from "../data/use-stops.ts";
import { useTable } from "../data/use-table.ts";
import { reasonsIn } from "../reasons-in.ts";
import type { StopRow } from "../../shared/api/rows.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { instantColumn, measureColumns } from "../element-columns.ts";
import { isWeak } from "../measures.ts";
import { follow } from "../Shell.tsx";
import { signedText } from "../signed-points.ts";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";
import { NOT_KNOWN } from "../values.ts";

const EVERY = ["hour", "shift", "day", "week"] as const satisfies readonly Period[];

export function Hours(): ReactElement {
  const { t, scope, spans, address, go } = useDesk();
  const every = EVERY.find((name) => name === address.options["every"]) ?? "hour";
  const asked = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: scope.kind, every, ...spans.span }));
  return (
    <>
      <Choice
        label={t("hours.every")}
        value={every}
        options={EVERY.map((name) => [name, t(`every.${name}`)])}
        onChange={(next) => go({ options: { every: next } })}
      />
      <Answered asked={asked}>
        {({ rows }) =>
          scope.kind === "machine" || scope.kind === "line" ? (
            <BoardWithReasons every={every} rows={rows} />
          ) : (
            <Board every={every} rows={rows} stops={null} />
          )
        }
      </Answered>
    </>
  );
}

type Every = (typeof EVERY)[number];

/** The board with the reasons of stops, which are asked for only of a line or a machine. */
function BoardWithReasons(props: { readonly every: Every; readonly rows: readonly Element[] }): ReactElement {
  const { scope, spans } = useDesk();
  const { rows: stops } = useStops(scope.path, spans.span, "all", 0);
  return <Board {...props} stops={stops} />;
}

function Board(props: {
  readonly every: Every;
  readonly rows: readonly Element[];
  /** The stops of the period; `null`: they are not asked for at this level. */
  readonly stops: readonly StopRow[] | null;
}): ReactElement {
  const { every, rows, stops } = props;
  const desk = useDesk();
  const { t, values, format, scope } = desk;
  const label = useMemo(
    () =>
      ({ from, shift, shiftDate }: Element): string => {
        if (every === "shift") return `${shift ?? ""} ${shiftDate === null ? "" : format.localDay(shiftDate)}`;
        const at = Date.parse(from);
        return every === "hour" ? format.timeOfDay(at, scope.timezone) : format.date(at, scope.timezone);
      },
    [every, format, scope],
  );
  const spec = useMemo<BarsSpec>(
    () => ({
      kind: "bars",
      direction: "along",
      series: [
        {
          name: t("measure.goodCount"),
          colour: "running-mark",
          bars: rows.map((element) => ({
            label: label(element),
            // Where nothing is known of the hour, its count is unknown and not 0.
            value: element.kpis.coverage === 0 ? null : element.components.goodCount,
            weak: isWeak(element),
          })),
        },
        {
          name: t("measure.targetCount"),
          colour: "notPlanned-mark",
          bars: rows.map((element) => ({ label: label(element), value: element.kpis.targetCount })),
        },
      ],
      text: values.quantity,
    }),
    [rows, label, t, values],
  );
  const reasons = useMemo<readonly Column<Element>[]>(() => {
    if (stops === null) return [];
    const named = (row: Element): string =>
      reasonsIn(stops, row)
        .map((reason) => (reason === null ? t("desk.noReason") : desk.reasons.nameOf(reason)))
        .join("; ");
    return [{ name: "reasons", label: t("hours.reasons"), value: named, text: named }];
  }, [stops, t, desk]);
  const sums = useMemo(() => cumulativeOf(rows), [rows]);
  const when: readonly Column<Element>[] =
    every === "shift"
      ? [
          { name: "shift", label: t("column.shift"), value: ({ shift }) => shift, text: ({ shift }) => shift ?? "–" },
          {
            name: "shiftDate",
            label: t("column.shiftDate"),
            value: (row) => row.shiftDate,
            text: (row) => (row.shiftDate === null ? "–" : format.localDay(row.shiftDate)),
          },
          { name: "crew", label: t("column.crew"), value: ({ crew }) => crew, text: ({ crew }) => crew ?? "–" },
        ]
      : [];
  return (
    <section>
      <Chart name="hours" title={t("hours.title")} sentence={t("hours.sentence", { count: rows.length })} spec={spec} />
      <DataTable
        name="hours"
        caption={t("hours.title")}
        columns={[
          ...when,
          {
            ...instantColumn<Element>(desk, "from", ({ from }) => from),
            shown: (row) => <RowsLink row={row} desk={desk} />,
          },
          {
            ...instantColumn<Element>(desk, "to", ({ to }) => to),
            text: ({ from, to }) => format.instant(Date.parse(to), Date.parse(from), scope.timezone),
          },
          ...measureColumns(desk, ["targetCount", "goodCount"]),
          balanceColumn(desk, "difference", (row) => differenceOf(row)),
          balanceColumn(desk, "cumulative", (row) => sums.get(row) ?? null),
          ...reasons,
          ...measureColumns(desk, [
            "scrapCount",
            "reworkCount",
            "oee",
            "unplannedStopTime",
            "stopCount",
            "minorStopCount",
            "coverage",
          ]),
        ]}
        rows={rows}
        keyOf={({ from, shift, shiftDate }) => `${from} ${shift ?? ""} ${shiftDate ?? ""}`}
        weak={isWeak}
      />
    </section>
  );
}

/** A link from a row to a machine's raw events, or, for other scopes, to the stops of that time. */
function RowsLink(props: { readonly row: Element; readonly desk: Desk }): ReactElement {
  const { row, desk } = props;
  const view = desk.scope.kind === "machine" ? "events" : "stops";
  const to = { view, options: { period: null, from: row.from, to: row.to } } as const;
  return (
    <a href={desk.href(to)} onClick={(event) => follow(event, () => desk.go(to))}>
      {desk.format.instant(Date.parse(row.from), Date.now(), desk.scope.timezone)}
    </a>
  );
}

/** The good count less the target; `null` where either is not known. */
function differenceOf({ kpis, components }: Element): number | null {
  return kpis.targetCount === null || kpis.coverage === 0 ? null : components.goodCount - kpis.targetCount;
}

/** The running sum of the differences; a row without a difference has no sum, and the next row goes on from the one before. */
function cumulativeOf(rows: readonly Element[]): ReadonlyMap<Element, number> {
  const sums = new Map<Element, number>();
  let sum = 0;
  for (const row of rows) {
    const difference = differenceOf(row);
    if (difference !== null) sums.set(row, (sum += difference));
  }
  return sums;
}

function balanceColumn(
  desk: Desk,
  name: "difference" | "cumulative",
  of: (row: Element) => number | null,
): Column<Element> {
  return {
    name,
    label: desk.t(name === "difference" ? "column.difference" : "hours.cumulative"),
    value: of,
    text: (row) => {
      const value = of(row);
      return value === null ? NOT_KNOWN : signedText(value, 1, (size) => desk.format.amount(size, 0));
    },
    numeric: true,
  };
}
