import type { ReactElement } from "react";
import type { ReviewAnswer } from "@oee/protocol";
import { type Desk, useDesk } from "../desk-context.ts";
import { nameOf } from "../element-columns.ts";
import { follow } from "../Shell.tsx";
import { figureColumn } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";

const MINUTE_MS = 60_000;

/** The ten longest stops of the period, each with a link to its rows. */
export function LongestStops(props: { readonly stops: ReviewAnswer["longestStops"] }): ReactElement {
  const desk = useDesk();
  const { t, values, reasons } = desk;
  return (
    <DataTable<ReviewAnswer["longestStops"][number]>
      name="longestStops"
      caption={t("quarter.longest")}
      columns={[
        {
          name: "machine",
          label: t("scope.machine"),
          value: ({ machine }) => machine,
          text: ({ machine }) => nameOf(desk, machine),
        },
        {
          name: "stop",
          label: t("column.stop"),
          value: ({ stop }) => stop,
          text: ({ stop }) => beginOf(stop, desk),
          shown: ({ machine, stop, time }) => {
            const at = atOf(stop);
            if (at === null) return stop;
            const to = {
              view: "stops",
              scope: machine,
              options: {
                period: null,
                from: new Date(at - 30 * MINUTE_MS).toISOString(),
                to: new Date(at + time + 60 * MINUTE_MS).toISOString(),
              },
            } as const;
            return (
              <a href={desk.href(to)} onClick={(event) => follow(event, () => desk.go(to))}>
                {beginOf(stop, desk)}
              </a>
            );
          },
        },
        figureColumn("time", t("column.hours"), ({ time }) => time, values.hours),
        {
          name: "reasons",
          label: t("column.reason"),
          value: (row) => row.reasons.filter((reason) => reason !== null).join(" "),
          text: (row) =>
            row.reasons.map((reason) => (reason === null ? t("desk.noReason") : reasons.nameOf(reason))).join(", "),
        },
      ]}
      rows={props.stops}
      keyOf={({ stop }) => stop}
    />
  );
}

/** The start of a stop (epoch ms), which its id holds; `null` where it does not. */
function atOf(stop: string): number | null {
  const at = Date.parse(stop.slice(stop.lastIndexOf("@") + 1));
  return Number.isNaN(at) ? null : at;
}

function beginOf(stop: string, { format, scope }: Pick<Desk, "format" | "scope">): string {
  const at = atOf(stop);
  return at === null ? stop : format.instant(at, 0, scope.timezone);
}
