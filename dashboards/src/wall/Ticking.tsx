import { type CSSProperties, type ReactElement, useLayoutEffect, useRef } from "react";
import { lettersOf } from "../shared/format.ts";
import { useLive, useTicked } from "./live-context.ts";

/** A text that may change each second, and is written into the page without React. */
export function Ticking(props: {
  readonly text: () => string;
  readonly className?: string;
  readonly style?: CSSProperties;
}): ReactElement {
  const { text } = props;
  const { ticker } = useLive();
  const span = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    // After a rendering for another reason the text may be unchanged.
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
  return <span ref={span} className={props.className} style={props.style} />;
}

const SECOND_MS = 1_000;

/**
 * Time since an instant (the server's epoch ms), as `0:12:33`, as of the last full second: all durations change with the clock,
 * and none when it is rendered anew in between. It stops while the picture is not live (W-3). Its style has the number of letters
 * as `--letters`, for places that write a longer text smaller.
 */
export function Elapsed(props: { readonly since: number | null; readonly className: string }): ReactElement {
  const { client, format } = useLive();
  const { since, className } = props;
  const textAt = (now: number | null): string =>
    since === null || now === null ? "–" : format.timer(Math.floor(now / SECOND_MS) * SECOND_MS - since);
  const letters = useTicked((now) => lettersOf(textAt(now)));
  return (
    <Ticking
      text={() => textAt(client.knownUntil())}
      className={className}
      style={{ "--letters": letters } as CSSProperties}
    />
  );
}
