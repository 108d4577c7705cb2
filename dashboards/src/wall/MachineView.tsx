import type { LiveElement, LiveWindow, PlantScope } from "@oee/protocol";
import type { ReactElement } from "react";
import { useTranslate } from "../shared/i18n.ts";
import { MachineCall } from "./CallPanel.tsx";
import { Figure, Whole } from "./Figure.tsx";
import { whyUnknown } from "./missing.ts";
import { useElement, useLive, useTicked } from "./live-context.ts";
import { quantityUnit } from "../shared/quantity-unit.ts";
import { Oee } from "./Oee.tsx";
import { Output } from "./Output.tsx";
import { Timeline, TimelineAxis, useTimelineSpan } from "./Timeline.tsx";
import { Ticking } from "./Ticking.tsx";

/**
 * One machine on the whole screen: what is wrong, since when, and whether the shift is on target. `scope`: the machine, or its
 * line, where it is the line's only machine; then OEE and output, with their targets, are the line's.
 */
export function MachineView(props: {
  readonly scope: PlantScope;
  readonly machine: string;
  readonly portrait: boolean;
}): ReactElement | null {
  const element = useElement(props.scope.path);
  const machine = useElement(props.machine);
  const span = useTimelineSpan(element?.shift ?? null);
  if (element === undefined || machine === undefined) return null;
  return (
    <div className="view machine-view">
      <MachineCall element={machine} named={props.machine !== props.scope.path} />
      <Oee scope={props.scope} element={element} />
      <div className="figures">
        <Output element={element} portrait={props.portrait} />
        <Rate element={machine} />
        <Stops element={machine} />
        <NextBreak element={element} />
      </div>
      <div className="timeline-block">
        {span === null ? null : (
          <>
            <Timeline element={machine} span={span} />
            <TimelineAxis span={span} timezone={element.timezone} marksMax={props.portrait ? 5 : 12} />
          </>
        )}
      </div>
    </div>
  );
}

function Rate(props: { readonly element: LiveElement }): ReactElement {
  const { format } = useLive();
  const t = useTranslate();
  const { machine, decimals } = props.element;
  const rate = machine?.rate ?? null;
  const cycle = machine?.idealCycleSeconds ?? null;
  return (
    <Figure
      name="rate"
      label={t("figure.rate")}
      unit={quantityUnit(props.element, t)}
      value={rate === null ? null : t("figure.perHour", { value: format.amount(rate, decimals) })}
      missing="missing.notRunLately"
      detail={
        cycle === null ? (
          t("missing.unrated")
        ) : (
          <Whole parts={[t("figure.ideal", { value: format.amount(3_600 / cycle, decimals) })]} />
        )
      }
    />
  );
}

function Stops(props: { readonly element: LiveElement }): ReactElement {
  const { format, window: windowName } = useLive();
  const t = useTranslate();
  const window = props.element.windows[windowName];
  const unknown = whyUnknown(windowName, window);
  const components = unknown === undefined ? window?.components : undefined;
  const mttr = window?.kpis.mttr ?? null;
  return (
    <>
      <Figure
        name="stops"
        label={t("figure.stops")}
        value={components === undefined ? null : format.brief(components.stopCount)}
        missing={unknown}
        detail={components === undefined ? null : <StopsDetail components={components} />}
      />
      <Figure
        name="downtime"
        label={t("figure.downtime")}
        value={components === undefined ? null : format.duration(components.unplannedStopTime)}
        missing={unknown}
        detail={null}
      />
      <Figure
        name="mttr"
        label={t("figure.mttr")}
        value={mttr === null ? null : format.duration(mttr)}
        missing={unknown ?? "missing.noRepair"}
        detail={t("figure.mttrDetail")}
      />
    </>
  );
}

/**
 * The detail below the downtime. A stop is counted where it began (ST-4), so downtime without a counted stop is marked as begun
 * before the window. Minor stops are named beside it where there is room.
 */
function StopsDetail(props: { readonly components: LiveWindow["components"] }): ReactElement {
  const { stopCount, minorStopCount, unplannedStopTime } = props.components;
  const { format } = useLive();
  const t = useTranslate();
  const minor = t("figure.minorStops", { count: format.brief(minorStopCount) });
  if (stopCount > 0 || unplannedStopTime === 0) return <Whole parts={[minor]} />;
  const begunBefore = (
    <span key="begun" className="begun-before">
      {t("figure.begunBefore")}
    </span>
  );
  return <Whole parts={minorStopCount === 0 ? [begunBefore] : [begunBefore, `\u00a0· ${minor}`]} />;
}

/** The start of the next break, the end of a break that is on, or, with no break to come, the end of the shift. */
function NextBreak(props: { readonly element: LiveElement }): ReactElement {
  const { client, format } = useLive();
  const t = useTranslate();
  const { shift, timezone } = props.element;
  const pause = shift?.nextBreak ?? null;
  const phase = useTicked((now) => {
    if (pause === null || now === null || now >= pause.to) return "end";
    return now >= pause.from ? "on" : "before";
  });
  const at = phase === "end" || pause === null ? (shift?.to ?? null) : phase === "on" ? pause.to : pause.from;
  const label = t(phase === "end" ? "figure.shiftEnd" : phase === "on" ? "figure.onBreak" : "figure.nextBreak");
  const remaining = (): string => {
    const now = client.knownUntil();
    if (at === null || now === null || at <= now) return "";
    return t("figure.in", { duration: format.duration(Math.ceil((at - now) / 60_000) * 60_000) });
  };
  return (
    <Figure
      name="next"
      label={label}
      value={at === null ? null : format.timeOfDay(at, timezone)}
      missing="missing.noShift"
      detail={<Whole parts={[<Ticking key="remaining" text={remaining} />]} />}
    />
  );
}
