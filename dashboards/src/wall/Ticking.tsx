import { type ReactElement, useLayoutEffect, useRef } from "react";
import { useLive } from "./live-context.ts";

/** A text that changes each second, written past React. */
export function Ticking(props: { readonly text: () => string; readonly className?: string }): ReactElement {
  const { text } = props;
  const { ticker } = useLive();
  const span = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    // Drawn anew for another reason, it may well say the same.
    let shown = span.current?.textContent ?? null;
    const write = (): void => {
      const next = text();
      if (next === shown || span.current === null) return;
      shown = next;
      span.current.textContent = next;
    };
    write();
    return ticker.add(write);
  });
  return <span ref={span} className={props.className} />;
}

/** Time since an instant (server's epoch ms), as `0:12:33`; it stops while the picture is not live (W-3). */
export function Elapsed(props: { readonly since: number | null; readonly className?: string }): ReactElement {
  const { client, format } = useLive();
  const { since, className } = props;
  const text = (): string => {
    const now = client.knownUntil();
    return since === null || now === null ? "–" : format.timer(now - since);
  };
  return <Ticking text={text} {...(className === undefined ? {} : { className })} />;
}
