/** The history of a stop: each correction that overlaps it, in order, with who made it and what it replaced. */
import type { AuditAnswer } from "@oee/protocol";
import type { ReactElement } from "react";
import { apiUrl } from "../shared/api/ask.ts";
import type { StopRow } from "../shared/api/rows.ts";
import { Answered } from "./Answered.tsx";
import { useWhyNot } from "./use-may.ts";
import { WhyNot } from "./WhyNot.tsx";
import { useTable } from "./data/use-table.ts";
import { type Desk, useDesk } from "./desk-context.ts";

export function RowHistory(props: { readonly row: StopRow }): ReactElement {
  const { row } = props;
  const { t } = useDesk();
  const whyNot = useWhyNot("supervisor", row.machine);
  return (
    <details className="row-history">
      <summary>{t("history.title")}</summary>
      {whyNot === null ? <Said row={row} /> : <WhyNot id="history-why" why={whyNot} />}
    </details>
  );
}

/** The lines of the audit about a stop, for those who may read it. */
function Said(props: { readonly row: StopRow }): ReactElement {
  const { row } = props;
  const desk = useDesk();
  const { t, format, plant } = desk;
  const asked = useTable<AuditAnswer>(apiUrl("/audit", { scope: row.machine, from: row.from, to: "now" }));
  const zone = plant.scope(row.machine)?.timezone ?? desk.scope.timezone;
  return (
    <Answered asked={asked}>
      {({ rows }) => {
        const own = rows.filter((line) => line.kind === "correction" && overlaps(line, row));
        return own.length === 0 ? (
          <p className="muted">{t("history.none")}</p>
        ) : (
          <ol className="lines">
            {own.map((line, i) => (
              <li key={`${line.at} ${i}`}>
                {format.instant(Date.parse(line.at), Date.now(), zone)} <b>{line.by ?? t("desk.none")}</b>:{" "}
                {t("history.change", {
                  before: i === 0 ? t("history.machine") : saidIn(desk, own[i - 1]),
                  after: saidIn(desk, line),
                })}{" "}
                <span className="muted">
                  {t("desk.span", { from: timeOf(desk, line, "from", zone), to: timeOf(desk, line, "to", zone) })}
                  {typeof line.after?.["note"] === "string" ? ` · ${line.after["note"]}` : ""}
                </span>
              </li>
            ))}
          </ol>
        );
      }}
    </Answered>
  );
}

function overlaps({ after }: AuditAnswer, row: StopRow): boolean {
  const [from, to] = [Date.parse(String(after?.["from"])), Date.parse(String(after?.["to"]))];
  return from < Date.parse(row.to) && to > Date.parse(row.from);
}

function saidIn({ t, reasons }: Desk, line: AuditAnswer | undefined): string {
  const after = line?.after ?? {};
  if (after["clear"] === true) return t("history.machine");
  const { reason, state } = after as { readonly reason?: string | null; readonly state?: string };
  if (state !== undefined) return state;
  return reason === null || reason === undefined ? t("desk.noReason") : reasons.nameOf(reason);
}

function timeOf({ format }: Desk, { after }: AuditAnswer, name: "from" | "to", zone: string): string {
  return format.timeOfDay(Date.parse(String(after?.[name])), zone);
}
