/** The view of data quality (SC): the scorecard of a period, each machine's last event, closed time, and past structures of the plant. */
import type { AssetsAnswer, ScorecardRows } from "@oee/protocol";
import type { ReactElement } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import { useTable } from "../data/use-table.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { instantAt, nameOf } from "../element-columns.ts";
import { Closings, Structures } from "../PastPlant.tsx";
import { PeriodOf, periodOfIn, usePinnedPeriod } from "../PeriodOf.tsx";
import { Scorecard } from "../Scorecard.tsx";
import { type Column, figureColumn } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";
import { NOT_KNOWN } from "../values.ts";

export function Trust(): ReactElement {
  const desk = useDesk();
  const { scope, address } = desk;
  const scorecard = useTable<ScorecardRows>(
    apiUrl("/scorecard", { scope: scope.path, period: periodOfIn(address.options) }),
  );
  usePinnedPeriod(scorecard.asking ? undefined : scorecard.table?.headers);
  const assets = useTable<AssetsAnswer>(apiUrl("/assets", { scope: scope.path }));
  return (
    <>
      <div className="choices">
        <PeriodOf />
      </div>
      <Answered asked={scorecard}>
        {({ rows: [row] }) =>
          row === undefined ? null : (
            <section>
              <Scorecard scorecard={row} course={row.rows} />
            </section>
          )
        }
      </Answered>
      <Answered asked={assets}>
        {({ rows: [answer] }) => (answer === undefined ? null : <Assets desk={desk} answer={answer} />)}
      </Answered>
      <Closings />
      <Structures />
    </>
  );
}

interface Heard {
  readonly machine: string;
  readonly first: string | null;
  readonly last: string | null;
}

function heardColumns<R extends Heard>(desk: Desk): readonly Column<R>[] {
  const instant = (name: "first" | "last"): Column<R> => ({
    name,
    label: desk.t(`asset.${name}`),
    value: (row) => row[name],
    text: (row) => {
      const at = row[name];
      return at === null ? NOT_KNOWN : instantAt(desk, at, row.machine);
    },
  });
  return [
    {
      name: "machine",
      label: desk.t("scope.machine"),
      value: ({ machine }) => machine,
      text: ({ machine }) => nameOf(desk, machine),
    },
    instant("first"),
    instant("last"),
  ];
}

function Assets(props: { readonly desk: Desk; readonly answer: AssetsAnswer }): ReactElement {
  const { desk, answer } = props;
  const { t, values } = desk;
  return (
    <section>
      <DataTable
        name="declared"
        caption={t("asset.declared")}
        columns={[
          ...heardColumns<AssetsAnswer["declared"][number]>(desk),
          {
            name: "silent",
            label: t("column.state"),
            value: ({ silent }) => silent,
            text: ({ silent, seen }) => t(silent ? "score.silent" : seen ? "asset.seen" : "asset.notExpected"),
          },
        ]}
        rows={answer.declared}
        keyOf={({ machine }) => machine}
      />
      {answer.undeclared.length === 0 ? null : (
        <DataTable<AssetsAnswer["undeclared"][number]>
          name="undeclared"
          caption={t("score.undeclared")}
          columns={[
            ...heardColumns<AssetsAnswer["undeclared"][number]>(desk),
            figureColumn("refused", t("asset.refused"), ({ refused }) => refused, values.count),
          ]}
          rows={answer.undeclared}
          keyOf={({ machine }) => machine}
        />
      )}
    </section>
  );
}
