/** A preview of a computed baseline's figures before it is frozen; the server keeps nothing of it. */
import type { BaselineAnswer } from "@oee/protocol";
import { type ReactElement, useState } from "react";
import { ProblemText } from "../../reasons/ProblemText.tsx";
import { apiUrl, ask, errorOf } from "../../shared/api/ask.ts";
import { useDesk } from "../desk-context.ts";
import { namedMeasureLabel, namedMeasureText } from "../named-measure.ts";
import { OEE_RATIOS } from "@oee/model/kpis";
import type { Raw } from "./body.ts";

export function Preview(props: { readonly entry: Raw }): ReactElement {
  const { entry } = props;
  const desk = useDesk();
  const { t } = desk;
  const [answer, setAnswer] = useState<BaselineAnswer | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const look = async (): Promise<void> => {
    setProblem(null);
    setAnswer(null);
    try {
      const headers = { "content-type": "application/json" };
      const init = { method: "POST", headers, body: JSON.stringify({ ...entry, rev: 1 }) };
      setAnswer((await ask<BaselineAnswer>(apiUrl("/baselines/preview"), init)).body);
    } catch (error) {
      setProblem(errorOf(error));
    }
  };
  return (
    <p>
      <button type="button" onClick={() => void look()}>
        {t("entry.preview")}
      </button>{" "}
      {problem === null ? null : (
        <span role="alert">
          <ProblemText t={t} of={problem} />
        </span>
      )}
      {answer === null ? null : (
        <output>
          {OEE_RATIOS.map(
            (kpi) => `${namedMeasureLabel(desk, kpi)} ${namedMeasureText(desk, kpi, answer.kpis[kpi] ?? null)}`,
          ).join(", ")}
        </output>
      )}
    </p>
  );
}
