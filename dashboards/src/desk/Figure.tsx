/** A figure with its change, its definition and rule in words, and whether it rests on enough data. */
import { type ReactElement, useRef } from "react";
import type { Element } from "./data/rows.ts";
import { quantityUnit } from "../shared/quantity-unit.ts";
import { useDesk } from "./desk-context.ts";
import { placeOf } from "./made-of.ts";
import { MadeOf } from "./MadeOf.tsx";
import { COVERAGE_MIN, isWeak, labelOf, type Measure, type MeasureName, MEASURES, textOf } from "./measures.ts";

export function Figure(props: {
  readonly name: MeasureName;
  readonly element: Element;
  readonly target?: number;
  /** The value of the baseline in force; `null` or missing: there is no baseline, or it does not have the figure. */
  readonly baseline?: number | null;
  /** The element of the period before; `null`: nothing is known of that period. */
  readonly before?: Element | null;
}): ReactElement {
  const { name, element, target, baseline, before = null } = props;
  const desk = useDesk();
  const { t } = desk;
  const measure = MEASURES[name];
  const value = measure.of(element);
  return (
    <div className="figure" data-figure={name} data-value={value ?? ""} data-weak={isWeak(element) ? true : undefined}>
      <div className="figure-label">
        {t(labelOf(name))} <Definition name={name} />
      </div>
      <div className="figure-value" title={value === null ? t("desk.notKnown") : undefined}>
        <MadeOf place={placeOf(name)}>{textOf(measure, value, desk)}</MadeOf>
        {measure.kind !== "quantity" || value === null ? null : (
          <small className="muted"> {quantityUnit(desk.scope, t)}</small>
        )}
      </div>
      {before === null ? null : (
        <div className="figure-before">
          <Change measure={measure} now={value} before={measure.of(before)} />
        </div>
      )}
      {target === undefined ? null : (
        <div className="muted">{t("target.label", { value: textOf(measure, target, desk) })}</div>
      )}
      {baseline === undefined || baseline === null ? null : (
        <div className="muted">{t("figure.baseline", { value: textOf(measure, baseline, desk) })}</div>
      )}
      {name !== "coverage" && isWeak(element) ? (
        <div className="figure-weak">
          {element.kpis.coverage === null
            ? t("desk.notKnown")
            : t("mark.coverageShort", { percent: desk.values.ratio(element.kpis.coverage) })}
        </div>
      ) : null}
    </div>
  );
}

/** The value of the period before, with "better" or "worse" in words, and not by colour alone, where the measure has a better (ME-2). */
function Change(props: {
  readonly measure: Measure;
  readonly now: number | null;
  readonly before: number | null;
}): ReactElement {
  const { measure, now, before } = props;
  const desk = useDesk();
  const { t } = desk;
  const text = t("figure.before", { value: textOf(measure, before, desk) });
  const way = now === null || before === null ? 0 : Math.sign(now - before) * measure.better;
  // Two values that are written the same get no word.
  if (way === 0 || textOf(measure, now, desk) === textOf(measure, before, desk)) return <>{text}</>;
  return (
    <>
      {text} <b className={way > 0 ? "better" : "worse"}>{t(way > 0 ? "figure.better" : "figure.worse")}</b>
    </>
  );
}

/** What has a definition in words. */
export type Defined = MeasureName | "saving";

/** A button that says what a figure means, and by which rule. */
export function Definition(props: { readonly name: Defined }): ReactElement {
  const { name } = props;
  const { t, values } = useDesk();
  const dialog = useRef<HTMLDialogElement>(null);
  const [label, rule] = name === "saving" ? [t("quarter.saving"), "CS-1"] : [t(labelOf(name)), MEASURES[name].rule];
  return (
    <>
      <button
        type="button"
        className="what"
        aria-label={t("desk.what", { name: label })}
        onClick={() => dialog.current?.showModal()}
      >
        ?
      </button>
      <dialog ref={dialog} aria-label={label}>
        <h2>{label}</h2>
        <p>{t(`def.${name}`, { percent: values.ratio(COVERAGE_MIN) })}</p>
        <p className="muted">{t("desk.rule", { rule })}</p>
        <button type="button" onClick={() => dialog.current?.close()}>
          {t("desk.close")}
        </button>
      </dialog>
    </>
  );
}
