import type { CSSProperties, ReactElement, ReactNode } from "react";
import { lettersOf } from "../shared/format.ts";
import { useTranslate } from "../shared/i18n.ts";
import type { TextKey } from "../shared/texts/texts.ts";

/**
 * A labelled figure. One that does not exist is a dash, with its reason in the place of the detail (W-5). One that is
 * long is written smaller (`--letters`), for without its end it would be another.
 */
export function Figure(props: {
  readonly name: string;
  readonly label: string;
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
      <div className="figure-label cut">{props.label}</div>
      <div className="figure-value cut" style={{ "--letters": lettersOf(props.value ?? "–") } as CSSProperties}>
        {missing ? "–" : (props.drawn ?? props.value)}
      </div>
      <div className="figure-detail cut">
        {missing && props.missing !== undefined ? t(props.missing) : props.detail}
      </div>
    </div>
  );
}
