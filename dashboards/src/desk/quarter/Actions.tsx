/** The actions of the review, each with its effect as it is known now. */
import type { ActionAnswer } from "@oee/protocol";
import type { ReactElement } from "react";
import { ActionTable } from "../ActionTable.tsx";
import { Answered } from "../Answered.tsx";
import { apiUrl } from "../../shared/api/ask.ts";
import { useTable } from "../data/use-table.ts";
import { useDesk } from "../desk-context.ts";

export function Actions(props: { readonly ids: readonly string[] }): ReactElement {
  const { ids } = props;
  const { t, scope } = useDesk();
  const asked = useTable<ActionAnswer>(apiUrl("/actions", { scope: scope.path }));
  return (
    <Answered asked={asked}>
      {({ rows }) => <ActionTable caption={t("quarter.actionsNow")} rows={rows.filter(({ id }) => ids.includes(id))} />}
    </Answered>
  );
}
