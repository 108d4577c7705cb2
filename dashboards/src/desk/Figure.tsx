/** A figure, what it means in words with its rule, and what is known of it. */
import { type ReactElement, useRef } from "react";
import type { Element } from "./data/rows.ts";
import { useDesk } from "./desk-context.ts";
import { COVERAGE_MIN, isWeak, labelOf, type MeasureName, MEASURES, textOf } from "./measures.ts";

export function Figure(props: {
  readonly name: MeasureName;
  readonly element: Element;
  readonly target?: number;
}): ReactElement {
  const { name, element, target } = props;
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
        {textOf(measure, value, desk)}
      </div>
      {target === undefined ? null : (
        <div className="muted">{t("target.label", { value: textOf(measure, target, desk) })}</div>
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

export function Definition(props: { readonly name: MeasureName }): ReactElement {
  const { name } = props;
  const { t, values } = useDesk();
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button
        type="button"
        className="what"
        aria-label={t("desk.what", { name: t(labelOf(name)) })}
        onClick={() => dialog.current?.showModal()}
      >
        ?
      </button>
      <dialog ref={dialog} aria-label={t(labelOf(name))}>
        <h2>{t(labelOf(name))}</h2>
        <p>{t(`def.${name}`, { percent: values.ratio(COVERAGE_MIN) })}</p>
        <p className="muted">{t("desk.rule", { rule: MEASURES[name].rule })}</p>
        <button type="button" onClick={() => dialog.current?.close()}>
          {t("desk.close")}
        </button>
      </dialog>
    </>
  );
}
