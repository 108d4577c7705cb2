/** A note that figures of the past are still being computed, after an import or a first start, so that nobody takes gaps for real. */
import { type ReactElement, useEffect, useState } from "react";
import type { Progress, ReadinessAnswer } from "@oee/protocol";
import type { DeskTranslate } from "./desk-context.ts";

const ASKED_EVERY_MS = 15_000;

export function HistoryNote(props: { readonly t: DeskTranslate }): ReactElement | null {
  const { t } = props;
  const [known, setKnown] = useState<readonly Progress[] | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const look = async (): Promise<void> => {
      try {
        // A gateway that is not ready answers 503 with the same document.
        const response = await fetch("/api/v1/health/ready", { signal: abort.signal, credentials: "same-origin" });
        const { checks } = (await response.json()) as ReadinessAnswer;
        const computing = checks.filter((check) => check.computing === true);
        setKnown(computing.length === 0 ? null : computing.flatMap(({ progress = [] }) => progress));
      } catch {
        // An error is ignored here: the view's own requests show that the server does not answer.
      }
    };
    void look();
    const timer = setInterval(() => void look(), ASKED_EVERY_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, []);
  if (known === null) return null;
  return (
    <p className="note history-note" role="note">
      <b>{t("history.computing")}</b>{" "}
      <span className="muted">{known.map(({ code, ...values }) => t(`progress.${code}`, values)).join("; ")}</span>
    </p>
  );
}
