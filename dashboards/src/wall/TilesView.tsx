import type { PlantScope } from "@oee/protocol";
import { type CSSProperties, memo, type ReactElement, useMemo } from "react";
import { useTranslate } from "../shared/i18n.ts";
import { ScopeCall } from "./CallPanel.tsx";
import { Dots } from "./Dots.tsx";
import { UnitNote } from "./Figure.tsx";
import { useElement, useElements, useLive, useTicked } from "./live-context.ts";
import { quantityUnit } from "../shared/quantity-unit.ts";
import { StateDetail } from "./MachineState.tsx";
import { Oee, OeeFigure, TargetTrack } from "./Oee.tsx";
import { Output, outcomeOf } from "./Output.tsx";
import { type Grid, signsInTile, tileScale } from "./pages.ts";
import { callsOf } from "./sign.ts";
import { SignIcon } from "./SignIcon.tsx";
import { Elapsed } from "./Ticking.tsx";

/** An area, a site or the enterprise: its own figures, and a tile for each line, area or site below it. */
export function TilesView(props: {
  readonly scope: PlantScope;
  readonly machines: readonly string[];
  readonly shown: readonly PlantScope[];
  readonly grid: Grid;
  readonly portrait: boolean;
}): ReactElement | null {
  const { scope, machines, shown, grid, portrait } = props;
  const element = useElement(scope.path);
  if (element === undefined) return null;
  return (
    <div className="view tiles-view">
      <ScopeCall machines={machines} namesLine />
      <Oee scope={scope} element={element} />
      <div className="figures">
        <Output element={element} portrait={portrait} />
      </div>
      <div
        className={`tiles ${portrait && grid.rows > 2 ? "close" : "roomy"}`}
        role="list"
        style={tileStyle(grid, portrait)}
      >
        {shown.map((tile) => (
          <Tile key={tile.path} scope={tile} grid={grid} portrait={portrait} />
        ))}
      </div>
    </div>
  );
}

/** The grid of tiles, in which few tiles are drawn larger (`--k`). */
function tileStyle(grid: Grid, portrait: boolean): CSSProperties {
  return {
    gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))`,
    gridTemplateRows: `repeat(${grid.rows}, minmax(0, 1fr))`,
    "--k": tileScale(grid, portrait),
  } as CSSProperties;
}

const Tile = memo(function Tile(props: {
  readonly scope: PlantScope;
  readonly grid: Grid;
  readonly portrait: boolean;
}): ReactElement {
  const { scope, grid, portrait } = props;
  const { client, plant, format, window: windowName } = useLive();
  const t = useTranslate();
  const machines = useMemo(
    () => plant.below(scope.path, "machine").map((machine) => machine.path),
    [plant, scope.path],
  );
  const element = useElement(scope.path);
  const elements = useElements(machines);
  useTicked((now) => callsOf(elements, now).worst?.sign.sign ?? null);
  const { worst } = callsOf(elements, client.knownUntil());
  const sign = worst?.sign.sign ?? "noData";
  const { oee, target, produced, targetCount, decimals } = outcomeOf(element, windowName);
  const calm = sign === "running" || sign === "notPlanned";
  return (
    <div className="tile" role="listitem" data-scope={scope.path} data-sign={sign}>
      <div className={`tile-state sign-${sign}`}>
        <SignIcon sign={sign} />
        <div className="tile-words">
          <div className="tile-name">
            <bdi className="cut">{scope.name}</bdi>
            {calm || worst === undefined ? null : <Elapsed className="tile-time" since={worst.sign.since} />}
          </div>
          <div className="tile-detail cut">
            {worst === undefined ? (
              t("call.noMachines")
            ) : calm ? (
              t(worst.sign.word)
            ) : (
              <>
                <bdi className="detail-lead">{worst.element.name}</bdi>
                {": "}
                <span className="detail-word">{t(worst.sign.word)}</span>
                <StateDetail element={worst.element} sign={worst.sign} follows />
              </>
            )}
          </div>
        </div>
      </div>
      <div className="tile-figures">
        <OeeFigure className="tile-oee" oee={oee} target={target} />
        <div className="tile-output">
          <div className="tile-number">{produced === null ? "–" : format.amount(produced, decimals)}</div>
          <div className="muted cut">
            <span className="tile-number">
              {targetCount === null ? t("figure.produced") : `/ ${format.amount(targetCount, decimals)}`}
            </span>
            <UnitNote unit={element === undefined ? null : quantityUnit(element, t)} />
          </div>
        </div>
        <TargetTrack oee={oee} target={target} />
      </div>
      <Dots elements={elements} max={signsInTile(grid, portrait)} />
    </div>
  );
});
