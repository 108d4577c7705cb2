/** Copies a link to the view. Its period is pinned to instants, for a link with "yesterday" would show another day tomorrow. */
import { type ReactElement, useRef, useState } from "react";
import { type DeskAddress, formatDeskAddress, goTo } from "./address.ts";
import type { DeskTranslate } from "./desk-context.ts";
import { absolute } from "./PeriodPicker.tsx";
import type { Spans } from "./period.ts";

export function CopyLink(props: {
  readonly t: DeskTranslate;
  readonly address: DeskAddress;
  /** The view's period; `null`: the view has none, or it is not known yet. */
  readonly spans: Spans | null;
}): ReactElement {
  const { t, address, spans } = props;
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<string | null>(null);
  const options = spans === null ? {} : { period: null, from: absolute(spans.span.from), to: absolute(spans.span.to) };
  const url = location.origin + formatDeskAddress(goTo(address, { options }));
  const copy = (): void => {
    // The clipboard API exists on secure origins alone, and plants often serve plain HTTP.
    field.current?.select();
    if (document.execCommand("copy")) setCopied(url);
  };
  return (
    <>
      <input ref={field} className="aside" readOnly tabIndex={-1} aria-hidden="true" value={url} />
      <button type="button" onClick={copy} title={t("desk.linkWhy")}>
        {t(copied === url ? "setup.copied" : "desk.link")}
      </button>
    </>
  );
}
