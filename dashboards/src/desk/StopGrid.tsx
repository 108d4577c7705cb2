/** A list that puts only the visible rows into the page, however many it has. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactElement, useRef } from "react";
import type { StopRow } from "../shared/api/rows.ts";
import { useDesk } from "./desk-context.ts";
import type { Column } from "./table/column.ts";

const ROW_PX = 40;
/** Rows that are drawn beyond each edge, so that no gap shows while scrolling. */
const OVERSCAN = 20;

export function StopGrid(props: {
  readonly columns: readonly Column<StopRow>[];
  readonly rows: readonly StopRow[];
  readonly onChoose: (row: StopRow) => void;
}): ReactElement {
  const { columns, rows, onChoose } = props;
  const { t } = useDesk();
  const place = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  return (
    <div
      className="grid"
      ref={place}
      role="table"
      aria-label={t("view.stops")}
      aria-rowcount={rows.length + 1}
      tabIndex={0}
    >
      <div className="grid-row grid-head" role="row" aria-rowindex={1}>
        {columns.map(({ name, label }) => (
          <span key={name} role="columnheader" className="cut">
            {label}
          </span>
        ))}
        <span role="columnheader" className="cut">
          {t("stops.correct")}
        </span>
      </div>
      <div role="rowgroup" style={{ position: "relative", height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return row === undefined ? null : (
            <div
              key={`${row.machine} ${row.from}`}
              className="grid-row"
              role="row"
              aria-rowindex={index + 2}
              style={{ transform: `translateY(${start}px)`, height: ROW_PX }}
            >
              {columns.map((column) => (
                <span
                  key={column.name}
                  role="cell"
                  className="cut"
                  data-column={column.name}
                  data-value={column.value(row) ?? ""}
                  title={column.text(row)}
                >
                  <bdi>{column.text(row)}</bdi>
                </span>
              ))}
              <span role="cell">
                <button type="button" onClick={() => onChoose(row)}>
                  {t("stops.correct")}
                </button>
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
