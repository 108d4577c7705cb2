import type { ReactElement } from "react";
import { useTranslate } from "../shared/i18n.ts";
import { useLive, useStatus, useTicked } from "./live-context.ts";
import { Ticking } from "./Ticking.tsx";

/** A banner with the instant since when the picture is not live (W-3). */
export function Banner(props: { readonly timezone: string }): ReactElement | null {
  const { client, format } = useLive();
  const t = useTranslate();
  const status = useStatus();
  const since = status.kind === "lost" ? status.since : 0;
  // With its date on the next day, since the picture may stand still for longer than a day.
  const time = useTicked(() => format.clockInstant(since, client.serverNow() ?? since, props.timezone));
  if (status.kind !== "lost") return null;
  const age = (): string => {
    const now = client.serverNow();
    return now === null ? "" : format.timer(now - status.since);
  };
  return (
    <div className="banner" role="alert">
      <svg className="icon" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
        <path d="M2 4.5 4 2.500l18 18-2 2-5.2-5.200a6 6 0 0 0-5.6.2L7 15.300a9 9 0 0 1 5.3-1.300l-3-3a12 12 0 0 0-4.4 2.200L2.8 11a15 15 0 0 1 4.2-2.300L4.6 6.300A18 18 0 0 0 .8 9L0 6.800zM12 6a15 15 0 0 1 9.2 5l-2.1 2.200A12 12 0 0 0 13 9.400L9.8 6.200Q10.9 6 12 6zm0 13.500a2 2 0 1 1 0 .010z" />
      </svg>
      <div className="banner-words">
        <div className="banner-title cut">
          {t(status.cause === "silent" ? "status.silent" : "status.lost", { time })}
        </div>
        <div className="cut">{t("status.frozen")}</div>
      </div>
      <Ticking className="banner-age" text={age} />
    </div>
  );
}

/** The screen before the first figures, which says what it waits for. */
export function Waiting(props: { readonly problem: string | null }): ReactElement {
  const t = useTranslate();
  return (
    <main className="notice">
      <h1 className="notice-title">{t("status.connecting")}</h1>
      {props.problem === null ? null : <p>{props.problem}</p>}
    </main>
  );
}
