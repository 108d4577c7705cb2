import type { PlantScope } from "@oee/protocol";
import { type CSSProperties, memo, type ReactElement } from "react";
import { useTranslate } from "../shared/i18n.ts";
import { ScopeCall } from "./CallPanel.tsx";
import { UnitNote } from "./Figure.tsx";
import { useElement, useLive, useSign } from "./live-context.ts";
import { quantityUnit } from "../shared/quantity-unit.ts";
import { StateDetail } from "./MachineState.tsx";
import { Oee, OeeFigure } from "./Oee.tsx";
import { Output, outcomeOf } from "./Output.tsx";
import { SignIcon } from "./SignIcon.tsx";
import { Elapsed } from "./Ticking.tsx";
import { type Span, Timeline, TimelineAxis, useTimelineSpan } from "./Timeline.tsx";

/** A line: its own figures large, its machines one under another in the order of flow. */
export function LineView(props: {
  readonly scope: PlantScope;
  readonly machines: readonly string[];
  readonly shown: readonly PlantScope[];
  readonly portrait: boolean;
}): ReactElement | null {
  const { scope, machines, shown, portrait } = props;
  const element = useElement(scope.path);
  const span = useTimelineSpan(element?.shift ?? null);
  if (element === undefined) return null;
  return (
    <div className="view line-view">
      <ScopeCall machines={machines} namesLine={false} />
      <Oee scope={scope} element={element} />
      <div className="figures">
        <Output element={element} portrait={portrait} />
      </div>
      <div
        className={shown.length <= FEW_ROWS && !portrait ? "rows few" : "rows"}
        style={rowStyle(shown, portrait)}
        role="list"
      >
        {shown.map((machine) => (
          <MachineRow key={machine.path} path={machine.path} span={span} />
        ))}
        {span === null ? null : (
          <div className="row-axis" aria-hidden="true">
            <TimelineAxis span={span} timezone={element.timezone} marksMax={portrait ? 3 : 6} />
          </div>
        )}
      </div>
    </div>
  );
}

const FEW_ROWS = 3;

/**
 * Few rows are drawn larger (`--k`), as far as their names still fit. A single row, as on a last page, keeps a bounded height, so that
 * stops of the past in its timeline do not outshine its present state.
 */
function rowStyle(shown: readonly PlantScope[], portrait: boolean): CSSProperties {
  const count = Math.max(1, shown.length);
  const nameLength = Math.max(...shown.map((machine) => machine.name.length));
  const scale = Math.min(portrait ? 1.15 : 1.6, (portrait ? 6 : 8) / count, scaleForName(nameLength, portrait));
  const height = count >= 2 ? "1fr" : `calc(${portrait ? 14 : 25} * var(--u))`;
  return { gridTemplateRows: `repeat(${count}, minmax(0, ${height})) auto`, "--k": scale } as CSSProperties;
}

/** The scale up to which a name of so many letters fits beside its time: the cell's width by the widths of letters, time and icon. */
function scaleForName(letters: number, portrait: boolean): number {
  const [cell, letter, rest] = portrait ? [25, 1.1, 11] : [50, 1.4, 13.8];
  return Math.max(1, cell / (letter * letters + rest));
}

const MachineRow = memo(function MachineRow(props: {
  readonly path: string;
  readonly span: Span | null;
}): ReactElement {
  const { path, span } = props;
  const { format, plant, window: windowName } = useLive();
  const t = useTranslate();
  const element = useElement(path);
  const sign = useSign(element);
  const { oee, target, produced, targetCount, decimals } = outcomeOf(element, windowName);
  return (
    <div className="row" role="listitem" data-scope={path} data-sign={sign.sign}>
      <div className={`row-state sign-${sign.sign}${sign.consequence ? " consequence" : ""}`}>
        <SignIcon sign={sign.sign} />
        <div className="row-words">
          <div className="row-name">
            <bdi className="cut">{element?.name ?? plant.scope(path)?.name ?? path}</bdi>
            <Elapsed className="row-time" since={sign.since} />
          </div>
          <div className="row-detail cut">
            <span className="detail-word">{t(sign.word)}</span>
            {element === undefined ? null : <StateDetail element={element} sign={sign} follows />}
          </div>
        </div>
      </div>
      <div className="row-timeline">
        {element === undefined || span === null ? null : <Timeline element={element} span={span} />}
      </div>
      <div className="row-oee">
        <OeeFigure className="row-value" oee={oee} target={target} />
        <div className="row-note cut">
          {target === null ? t("kpi.oee") : t("target.label", { value: format.percent(target) })}
        </div>
      </div>
      <div className="row-output">
        <div className="row-value">{produced === null ? "–" : format.amount(produced, decimals)}</div>
        <div className="row-note cut">
          {produced === null || targetCount === null
            ? t("figure.produced")
            : `/ ${format.amount(targetCount, decimals)}`}
          <UnitNote unit={element === undefined ? null : quantityUnit(element, t)} />
        </div>
      </div>
    </div>
  );
});
