import type { LiveElement, LiveWindow } from "@oee/protocol";
import { Fragment, type ReactElement } from "react";
import { useTranslate } from "../shared/i18n.ts";
import { Figure, Whole } from "./Figure.tsx";
import { whyUnknown } from "./missing.ts";
import { useLive } from "./live-context.ts";
import { quantityUnit } from "../shared/quantity-unit.ts";
import { Mark } from "./SignIcon.tsx";

export interface Outcome {
  readonly oee: number | null;
  readonly target: number | null;
  readonly produced: number | null;
  readonly targetCount: number | null;
  /** Decimals of `produced` and `targetCount`. */
  readonly decimals: number;
}

/** The figures of a row or a tile. */
export function outcomeOf(element: LiveElement | undefined, windowName: string): Outcome {
  const kpis = element?.windows[windowName]?.kpis;
  return {
    oee: kpis?.oee ?? null,
    target: element?.targets["oee"] ?? null,
    produced: element === undefined ? null : producedOf(element, windowName),
    targetCount: kpis?.targetCount ?? null,
    decimals: element?.decimals ?? 0,
  };
}

/** Good, scrap and rework of the window together; `null`: there is no window, or nothing is known of its time, so that 0 is not known either (W-5). */
function producedOf(element: LiveElement, windowName: string): number | null {
  const window = element.windows[windowName];
  if (window === undefined) return null;
  const { goodCount, scrapCount, reworkCount } = window.components;
  const produced = goodCount + scrapCount + reworkCount;
  return produced === 0 && whyUnknown(windowName, window) !== undefined ? null : produced;
}

/** Produced, target so far, and the difference: three figures. `portrait`: what is said beside a figure has little width and two lines. */
export function Output(props: { readonly element: LiveElement; readonly portrait: boolean }): ReactElement {
  const { element, portrait } = props;
  const { decimals } = element;
  const { format, window: windowName } = useLive();
  const t = useTranslate();
  const unit = quantityUnit(element, t);
  const window = element.windows[windowName];
  const produced = producedOf(element, windowName);
  const target = window?.kpis.targetCount ?? null;
  const unknown = produced === null ? whyUnknown(windowName, window) : undefined;
  const difference = produced === null || target === null ? null : produced - target;
  const signed = difference === null ? null : format.signed(difference, decimals);
  return (
    <>
      <Figure
        name="produced"
        label={t("figure.produced")}
        unit={unit}
        value={produced === null ? null : format.amount(produced, decimals)}
        missing={unknown}
        detail={
          window === undefined
            ? null
            : rejects(window.components, (value) => format.amount(value, decimals), t, portrait)
        }
      />
      <Figure
        name="target"
        label={t("figure.targetSoFar")}
        unit={unit}
        value={target === null ? null : format.amount(target, decimals)}
        missing={window === undefined ? unknown : "missing.noTakt"}
      />
      <Figure
        name="difference"
        label={t("figure.difference")}
        unit={unit}
        // The text from which the width is computed: the mark is as wide as two letters.
        value={signed === null ? null : `▲ ${signed}`}
        drawn={
          <span className={difference !== null && difference < 0 ? "behind" : undefined}>
            <Mark kind={difference !== null && difference < 0 ? "below" : "above"} /> {signed}
          </span>
        }
        missing={unknown ?? "missing.noTakt"}
      />
    </>
  );
}

function rejects(
  { scrapCount: scrap, reworkCount: rework }: LiveWindow["components"],
  amount: (value: number) => string,
  t: ReturnType<typeof useTranslate>,
  portrait: boolean,
): ReactElement | null {
  if (scrap === 0 && rework === 0) return null;
  const first =
    scrap === 0 ? t("figure.rework", { count: amount(rework) }) : t("figure.scrap", { count: amount(scrap) });
  const rejected = (
    <Fragment key="rejected">
      <span className="of-which">{t("figure.ofWhich")}</span>
      {first}
    </Fragment>
  );
  if (scrap === 0 || rework === 0) return <Whole parts={[rejected]} />;
  if (!portrait) return <Whole parts={[rejected, t("figure.andRework", { count: amount(rework) })]} />;
  return (
    <>
      <Whole parts={[rejected]} />
      <Whole parts={[t("figure.rework", { count: amount(rework) })]} />
    </>
  );
}
