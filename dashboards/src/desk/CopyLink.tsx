/** Copies a link to the view, with its period pinned. */
import { type ReactElement, useRef, useState } from "react";
import { type DeskAddress, formatDeskAddress, goTo } from "./address.ts";
import type { DeskTranslate } from "./desk-context.ts";

export function CopyLink(props: {
  readonly t: DeskTranslate;
  readonly address: DeskAddress;
  /** Options that the link has in place of the address' own; `null` removes one. */
  readonly options: Readonly<Record<string, string | null>>;
}): ReactElement {
  const { t, address, options } = props;
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<string | null>(null);
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
