/** Targets with their status (TG), baselines with their drift (BL), and entries that were withdrawn. */
import type { BaselineAnswer, TargetAnswer } from "@oee/protocol";
import type { ReactElement } from "react";
import { policyText } from "../policy-parts.ts";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import { useTable } from "../data/use-table.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { nameOf } from "../element-columns.ts";
import { namedMeasureLabel, namedMeasureText } from "../named-measure.ts";
import { StatusWord } from "../StatusWord.tsx";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";
import { NOT_KNOWN } from "../values.ts";
import { wordOf } from "../words.ts";
import { OEE_RATIOS } from "@oee/model/kpis";
import type { Raw } from "./body.ts";
import { editColumn } from "./edit-column.tsx";
import { ENTERED, type Entered } from "./fields.ts";
import { plainText } from "./plain-text.ts";

interface Scoped {
  readonly id: string;
  readonly scope: string;
}

function headColumns<R extends Scoped>(desk: Desk): readonly Column<R>[] {
  const { t } = desk;
  return [
    { name: "id", label: t("entry.id"), value: ({ id }) => id, text: ({ id }) => id },
    { name: "scope", label: t("column.scope"), value: ({ scope }) => scope, text: ({ scope }) => nameOf(desk, scope) },
  ];
}

/** A column of local dates, written as the place writes them. */
function dateColumn<R>({ format }: Desk, name: string, label: string, of: (row: R) => string | null): Column<R> {
  return { name, label, value: of, text: (row) => localDayOf(format, of(row)) };
}

function localDayOf({ localDay }: Desk["format"], date: string | null): string {
  return date === null ? NOT_KNOWN : localDay(date);
}

/** In what the policy of the figures beside it differs from the baseline's (BL-6). */
function policyColumn<R extends { readonly policy?: readonly string[] | undefined }>(desk: Desk): Column<R> {
  return {
    name: "policy",
    label: desk.t("baseline.policy"),
    value: ({ policy }) => policy?.join(", ") ?? null,
    text: ({ policy }) => (policy === undefined ? NOT_KNOWN : policyText(desk, policy)),
  };
}

export function Targets(props: {
  readonly rows: readonly TargetAnswer[];
  readonly onChange: (row: TargetAnswer) => void;
}): ReactElement {
  const { rows, onChange } = props;
  const desk = useDesk();
  const { t } = desk;
  const figure = (name: "baseline" | "goal" | "expected" | "achieved"): Column<TargetAnswer> => ({
    name,
    label: t(`column.${name}`),
    value: (row) => row[name],
    text: (row) => namedMeasureText(desk, row.measure, row[name]),
    numeric: true,
  });
  return (
    <DataTable
      name="targets"
      caption={t("programme.targets")}
      columns={[
        ...headColumns<TargetAnswer>(desk),
        {
          name: "measure",
          label: t("column.measure"),
          value: ({ measure }) => measure,
          text: ({ measure }) => namedMeasureLabel(desk, measure),
        },
        figure("baseline"),
        figure("goal"),
        dateColumn<TargetAnswer>(desk, "due", t("field.due"), ({ due }) => due),
        figure("expected"),
        figure("achieved"),
        {
          name: "status",
          label: t("column.status"),
          value: ({ status }) => status,
          text: ({ status }) => wordOf(desk, status),
          shown: ({ status }) => <StatusWord status={status} />,
        },
        policyColumn<TargetAnswer>(desk),
        editColumn(t("entry.change"), onChange),
      ]}
      rows={rows}
      none={t("programme.noneYet")}
      keyOf={({ id }) => id}
    />
  );
}

export function Baselines(props: {
  readonly rows: readonly BaselineAnswer[];
  readonly onChange: (row: BaselineAnswer) => void;
}): ReactElement {
  const { rows, onChange } = props;
  const desk = useDesk();
  const { t } = desk;
  return (
    <DataTable
      name="baselines"
      caption={t("programme.baselines")}
      columns={[
        ...headColumns<BaselineAnswer>(desk),
        dateColumn<BaselineAnswer>(desk, "from", t("field.firstDay"), ({ from }) => from),
        dateColumn<BaselineAnswer>(desk, "to", t("field.dayAfter"), ({ to }) => to),
        dateColumn<BaselineAnswer>(desk, "effective", t("field.effective"), ({ effective }) => effective),
        {
          name: "imported",
          label: t("field.source"),
          value: ({ imported }) => imported,
          text: ({ imported }) => t(imported ? "baseline.imported" : "baseline.computed"),
        },
        ...OEE_RATIOS.map(
          (kpi): Column<BaselineAnswer> => ({
            name: kpi,
            label: namedMeasureLabel(desk, kpi),
            value: ({ kpis }) => kpis[kpi] ?? null,
            text: ({ kpis }) => namedMeasureText(desk, kpi, kpis[kpi] ?? null),
            numeric: true,
          }),
        ),
        {
          name: "drift",
          label: t("baseline.drift"),
          value: ({ drift }) => JSON.stringify(drift),
          text: ({ drift }) =>
            Object.keys(drift)
              .map((name) => namedMeasureLabel(desk, name))
              .join(", ") || NOT_KNOWN,
        },
        policyColumn<BaselineAnswer>(desk),
        editColumn(t("entry.change"), onChange),
      ]}
      rows={rows}
      none={t("programme.noneYet")}
      keyOf={({ id }) => id}
    />
  );
}

interface Gone {
  readonly type: Entered;
  readonly id: string;
  readonly by: string;
}

export function Withdrawn(props: {
  readonly turn: number;
  readonly onOpen: (type: Entered, id: string) => void;
}): ReactElement {
  const { turn, onOpen } = props;
  const { t, scope } = useDesk();
  const asked = useTable<Raw>(apiUrl("/entries", { scope: scope.path, revisions: "all" }), turn);
  return (
    <Answered asked={asked}>
      {({ rows }) => {
        const gone = withdrawnIn(rows);
        return gone.length === 0 ? null : (
          <DataTable
            name="withdrawn"
            caption={t("programme.withdrawn")}
            columns={[
              {
                name: "type",
                label: t("entry.kind"),
                value: ({ type }) => type,
                text: ({ type }) => t(`entry.${type}`),
              },
              { name: "id", label: t("entry.id"), value: ({ id }) => id, text: ({ id }) => id },
              { name: "by", label: t("entry.by"), value: ({ by }) => by, text: ({ by }) => by, person: () => true },
              editColumn<Gone>(t("entry.change"), ({ type, id }) => onOpen(type, id)),
            ]}
            rows={gone}
            keyOf={({ type, id }) => `${type}/${id}`}
          />
        );
      }}
    </Answered>
  );
}

/** The entries whose newest revision withdraws them. */
function withdrawnIn(revisions: readonly Raw[]): readonly Gone[] {
  const newest = new Map(revisions.map((entry) => [`${String(entry["type"])}/${String(entry["id"])}`, entry]));
  return [...newest.values()].flatMap((entry) => {
    const type = ENTERED.find((known) => known === entry["type"]);
    if (type === undefined || entry["withdrawn"] !== true) return [];
    return [{ type, id: String(entry["id"]), by: plainText(entry["by"]) }];
  });
}
