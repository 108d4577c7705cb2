import type { CSSProperties, ReactElement, ReactNode } from "react";
import { lettersOf } from "../shared/format.ts";
import { useTranslate } from "../shared/i18n.ts";
import type { TextKey } from "../shared/texts/texts.ts";

/** A unit after what it belongs to: it may be as long as it likes, and gives way. */
export function UnitNote(props: { readonly unit: string | null }): ReactElement | null {
  return props.unit === null ? null : (
    <>
      {" · "}
      <bdi className="unit">{props.unit}</bdi>
    </>
  );
}

/**
 * A labelled figure. One that does not exist is a dash, with its reason in the place of the detail (W-5). One that is
 * long is written smaller (`--letters`), for without its end it would be another.
 */
export function Figure(props: {
  readonly name: string;
  readonly label: string;
  /** What the value is in, beside the label; `null` where that goes without saying. */
  readonly unit?: string | null;
  readonly value: string | null;
  /** Such as the plate behind a value; in the place of the value alone. */
  readonly drawn?: ReactNode;
  readonly missing?: TextKey | undefined;
  readonly detail?: ReactNode;
}): ReactElement {
  const t = useTranslate();
  const missing = props.value === null;
  return (
    <div className={`figure${missing ? " missing" : ""}`} data-figure={props.name}>
      <div className="figure-label cut">
        <span className="figure-word">{props.label}</span>
        <UnitNote unit={props.unit ?? null} />
      </div>
      <div className="figure-value cut" style={{ "--letters": lettersOf(props.value ?? "–") } as CSSProperties}>
        {missing ? "–" : (props.drawn ?? props.value)}
      </div>
      <div className="figure-detail cut">
        {missing && props.missing !== undefined ? t(props.missing) : props.detail}
      </div>
    </div>
  );
}
