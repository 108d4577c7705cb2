import type { CSSProperties, ReactElement, ReactNode } from "react";
import { lettersOf } from "../shared/format.ts";
import { useTranslate } from "../shared/i18n.ts";
import type { TextKey } from "../shared/texts/texts.ts";

/** A unit behind a label or a note; where it is too long it is cut, and what stands before it is not. */
export function UnitNote(props: { readonly unit: string | null }): ReactElement | null {
  return props.unit === null ? null : (
    <>
      {" · "}
      <bdi className="unit">{props.unit}</bdi>
    </>
  );
}

/** A detail of texts with numbers: one that has no room is not shown at all, since a number that is cut off would be read as another. */
export function Whole(props: { readonly parts: readonly ReactNode[] }): ReactElement {
  return (
    <span className="whole">
      {props.parts.map((part, i) => (
        <span key={i} className="whole-part">
          {part}
        </span>
      ))}
    </span>
  );
}

/**
 * A labelled figure. A missing one is a dash, with the reason in the place of the detail (W-5). A long one is written
 * smaller (`--letters`), since a number that is cut off would be read as another.
 */
export function Figure(props: {
  readonly name: string;
  readonly label: string;
  /** The value's unit, shown beside the label; `null`: none is shown. */
  readonly unit?: string | null;
  readonly value: string | null;
  /** What is drawn instead of the value's plain text, such as the value on a plate. */
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
