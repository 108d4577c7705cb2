/** The past that figures rest on (DI-3): closed time, with the events and corrections that came after, and changes of the plant's structure. */
import type { Closing } from "@oee/protocol";
import type { ReactElement } from "react";
import { apiUrl } from "../shared/api/ask.ts";
import { Answered } from "./Answered.tsx";
import { useTable } from "./data/use-table.ts";
import { type Desk, useDesk } from "./desk-context.ts";
import { nameOf } from "./element-columns.ts";
import type { Raw } from "./entry/body.ts";
import { type StructureChange, structureChanges } from "./structure-changes.ts";
import { type Column, figureColumn } from "./table/column.ts";
import { DataTable } from "./table/DataTable.tsx";
import { NOT_KNOWN } from "./values.ts";

export function Closings(): ReactElement {
  const desk = useDesk();
  const { t, scope, values } = desk;
  const asked = useTable<Closing>(apiUrl("/closings", { scope: scope.path }));
  const count = (name: "lateEvents" | "corrections"): Column<Closing> =>
    figureColumn(name, t(`closing.${name}`), ({ since }) => since[name], values.count);
  return (
    <Answered asked={asked}>
      {({ rows }) =>
        rows.length === 0 ? null : (
          <section>
            <DataTable
              name="closings"
              caption={t("closing.title")}
              columns={[
                { name: "id", label: t("entry.id"), value: ({ id }) => id, text: ({ id }) => id },
                {
                  name: "scope",
                  label: t("column.scope"),
                  value: ({ scope: path }) => path,
                  text: ({ scope: path }) => nameOf(desk, path),
                },
                {
                  name: "until",
                  label: t("closing.until"),
                  value: ({ until }) => until,
                  text: ({ until }) => until,
                },
                {
                  name: "at",
                  label: t("closing.at"),
                  value: ({ at }) => at,
                  text: ({ at }) => (at === null ? NOT_KNOWN : instantIn(desk, at)),
                },
                {
                  name: "by",
                  label: t("entry.by"),
                  value: ({ by }) => by,
                  text: ({ by }) => by ?? NOT_KNOWN,
                  person: ({ by }) => by !== null,
                },
                {
                  name: "note",
                  label: t("present.note"),
                  value: ({ note }) => note,
                  text: ({ note }) => note ?? NOT_KNOWN,
                },
                count("lateEvents"),
                count("corrections"),
              ]}
              rows={rows}
              keyOf={({ id }) => id}
            />
          </section>
        )
      }
    </Answered>
  );
}

/** The name in `by` of the entries that the product makes itself; others are made by people. */
const PRODUCT = "oee";
const ENTRIES_MAX = 12;

export function Structures(): ReactElement {
  const asked = useTable<{ readonly id: string }>(apiUrl("/entries", { type: "structure" }));
  return (
    <Answered asked={asked}>
      {({ rows }) => rows.slice(0, ENTRIES_MAX).map(({ id }) => <Structure key={id} id={id} />)}
    </Answered>
  );
}

function Structure(props: { readonly id: string }): ReactElement {
  const { id } = props;
  const desk = useDesk();
  const { t, scope } = desk;
  const asked = useTable<Raw>(apiUrl("/entries", { type: "structure", id, revisions: "all" }));
  const isOfScope = ({ line }: StructureChange): boolean =>
    scope.path === "*" || `${line}/`.startsWith(`${scope.path}/`) || scope.path.startsWith(`${line}/`);
  return (
    <Answered asked={asked}>
      {({ rows: revisions }) => {
        const rows = newestFirst(structureChanges(revisions).filter(isOfScope));
        // Nothing is shown of a plant that never changed.
        return rows.every(({ what }) => what.kind === "first") ? null : (
          <section>
            <DataTable
              name={`structure-${id}`}
              caption={t("structure.title")}
              columns={[
                {
                  name: "from",
                  label: t("structure.from"),
                  value: ({ from }) => from,
                  text: ({ from }) => instantIn(desk, from),
                },
                {
                  name: "to",
                  label: t("structure.to"),
                  value: ({ to }) => to,
                  text: ({ to }) => (to === null ? NOT_KNOWN : instantIn(desk, to)),
                },
                {
                  name: "line",
                  label: t("structure.line"),
                  value: ({ line }) => line,
                  text: ({ line }) => nameOf(desk, line),
                },
                {
                  name: "what",
                  label: t("structure.what"),
                  value: (row) => whatOf(desk, row),
                  text: (row) => whatOf(desk, row),
                },
                {
                  name: "by",
                  label: t("entry.by"),
                  value: ({ by }) => by,
                  text: ({ by }) => by,
                  person: ({ by }) => by !== PRODUCT,
                },
              ]}
              rows={rows}
              keyOf={(row) => `${row.from} ${row.line} ${JSON.stringify(row.what)}`}
            />
          </section>
        );
      }}
    </Answered>
  );
}

function whatOf(desk: Desk, { line, what }: StructureChange): string {
  const { t } = desk;
  switch (what.kind) {
    case "with":
    case "without":
    case "constraint":
      return t(`structure.${what.kind}`, { machine: machineName(desk, line, what.machine) });
    case "keptAs":
      return t("structure.keptAs", { machine: machineName(desk, line, what.machine), id: what.id });
    case "noConstraint":
    case "first":
      return t(`structure.${what.kind}`);
  }
}

function newestFirst(changes: readonly StructureChange[]): readonly StructureChange[] {
  return changes.map((_, i) => changes[changes.length - 1 - i] as StructureChange);
}

/** A machine's name without its line, which stands beside it; of a machine that is gone the last part of its path. */
function machineName({ plant }: Desk, line: string, machine: string): string {
  return plant.scope(`${line}/${machine}`)?.name ?? machine;
}

function instantIn({ format, scope }: Desk, at: string): string {
  return format.instant(Date.parse(at), 0, scope.timezone);
}
