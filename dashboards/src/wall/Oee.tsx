/** OEE large, against its target, with the three factors that make it. */
import { OEE_FACTORS } from "@oee/model/kpis";
import type { LiveElement, PlantScope } from "@oee/protocol";
import type { ReactElement } from "react";
import { useTranslate } from "../shared/i18n.ts";
import { useLive } from "./live-context.ts";
import { Mark } from "./SignIcon.tsx";
import { type Ratio, whyMissing } from "./missing.ts";

const COVERAGE_MENTION_BELOW = 0.95;

export function Oee(props: { readonly scope: PlantScope; readonly element: LiveElement | undefined }): ReactElement {
  const { scope, element } = props;
  const { format, window: windowName } = useLive();
  const t = useTranslate();
  const window = element?.windows[windowName];
  const oee = window?.kpis.oee ?? null;
  const coverage = window?.kpis.coverage ?? null;
  const parts = oee === null ? null : format.percentParts(oee);
  return (
    <section className="oee" aria-label={t("kpi.oee")}>
      <div className="oee-main">
        <div className="oee-label">{t("kpi.oee")}</div>
        <div className="oee-value" data-figure="oee">
          {parts === null ? "–" : parts.number}
          {parts === null ? null : <span className="oee-sign">{parts.sign}</span>}
        </div>
        {oee === null ? <div className="oee-missing">{t(whyMissing("oee", windowName, window, scope))}</div> : null}
        {oee !== null && coverage !== null && coverage < COVERAGE_MENTION_BELOW ? (
          <div className="oee-coverage">
            {t(scope.kind === "machine" ? "mark.coverage" : "mark.coverageShort", {
              percent: format.percent(coverage),
            })}
          </div>
        ) : null}
      </div>
      <TargetBar oee={oee} target={element?.targets["oee"] ?? null} brief={scope.kind !== "machine"} />
      <div className="factors">
        {OEE_FACTORS.map((ratio) => (
          <Factor key={ratio} ratio={ratio} scope={scope} element={element} />
        ))}
      </div>
    </section>
  );
}

function share(ratio: number): string {
  return `${Math.min(1, Math.max(0, ratio)) * 100}%`;
}

/** A bar as long as the OEE, with a mark at its target. */
export function TargetTrack(props: { readonly oee: number | null; readonly target: number | null }): ReactElement {
  return (
    <div className="target-track">
      {props.oee === null ? null : <div className="target-fill" style={{ width: share(props.oee) }} />}
      {props.target === null ? null : <div className="target-mark" style={{ left: share(props.target) }} />}
    </div>
  );
}

function TargetBar(props: {
  readonly oee: number | null;
  readonly target: number | null;
  readonly brief: boolean;
}): ReactElement {
  const { oee, target, brief } = props;
  const { format } = useLive();
  const t = useTranslate();
  return (
    <div className="target">
      <TargetTrack oee={oee} target={target} />
      <div className="target-words">
        <span className="muted cut">
          {target === null ? t("target.none") : t("target.label", { value: format.percent(target) })}
        </span>
        {oee === null || target === null ? null : <Verdict oee={oee} target={target} brief={brief} />}
      </div>
    </div>
  );
}

/** OEE of a row or a tile, with a sign that shows whether it reaches its target. */
export function OeeFigure(props: {
  readonly className: string;
  readonly oee: number | null;
  readonly target: number | null;
}): ReactElement {
  const { className, oee, target } = props;
  const { format } = useLive();
  return (
    <div className={className}>
      {oee === null ? "–" : format.percent(oee)}
      {oee !== null && target !== null ? (
        <span className="row-verdict">
          {" "}
          <Mark kind={oee >= target ? "reached" : "below"} />
        </span>
      ) : null}
    </div>
  );
}

/** Whether the target is met, in words and by a sign that needs no colour. `brief`: where words would be cut off. */
function Verdict(props: { readonly oee: number; readonly target: number; readonly brief: boolean }): ReactElement {
  const { oee, target, brief } = props;
  const { format } = useLive();
  const t = useTranslate();
  const reached = oee >= target;
  return (
    <span className={`verdict ${reached ? "reached" : "below"} cut`}>
      <Mark kind={reached ? "reached" : "below"} />{" "}
      {reached
        ? t("target.reached")
        : t(brief ? "target.belowBrief" : "target.below", { points: format.points(target - oee) })}
    </span>
  );
}

function Factor(props: {
  readonly ratio: Exclude<Ratio, "oee">;
  readonly scope: PlantScope;
  readonly element: LiveElement | undefined;
}): ReactElement {
  const { ratio, scope, element } = props;
  const { format, window: windowName } = useLive();
  const t = useTranslate();
  const window = element?.windows[windowName];
  const value = window?.kpis[ratio] ?? null;
  const over = value !== null && value > 1 && ratio === "performance";
  return (
    <div className={`factor${over ? " over" : value === null ? " missing" : ""}`} data-figure={ratio}>
      <div className="factor-label cut">{t(`kpi.${ratio}`)}</div>
      <div className="factor-value">
        {value === null ? "–" : format.percent(value)}
        {over ? (
          <span className="over-mark">
            {" "}
            <Mark kind="above" />
          </span>
        ) : null}
      </div>
      {value === null || over ? (
        <div className="factor-note">
          {value === null ? t(whyMissing(ratio, windowName, window, scope)) : t("mark.over")}
        </div>
      ) : null}
    </div>
  );
}
