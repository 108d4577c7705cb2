import { type ReactElement, useState } from "react";
import { useSession } from "../shared/api/session.ts";
import type { Pending } from "../shared/corrections/outbox.ts";
import { changeWho, whoIs } from "../shared/who.ts";
import { usePlace } from "./place.ts";
import { useTexts } from "./texts/use-texts.ts";
import { keyOf } from "./StopList.tsx";
import type { Missing } from "./use-missing.ts";

/** The head of the page: the scope, how many stops need a reason, who makes entries, and whether the server can be reached. */
export function Top(props: { readonly missing: Missing; readonly pending: readonly Pending[] }): ReactElement {
  const { missing, pending } = props;
  const t = useTexts();
  const { scope, plant, format } = usePlace();
  const [who, setWho] = useState(whoIs);
  const session = useSession();
  const entered = new Set(pending.map(({ entry }) => `${entry.machine}@${entry.from}`));
  const count = missing.rows?.filter((row) => !entered.has(keyOf(row))).length;
  const waiting = pending.filter(({ stage }) => stage === "waiting").length;
  return (
    <header className="top">
      <div className="top-place">
        <p className="muted cut">
          {plant
            .ancestors(scope.path)
            .map(({ name }) => name)
            .join(" › ")}
        </p>
        <h1 className="cut">{scope.name}</h1>
      </div>
      <p className="top-count" role="status">
        <span className="top-needs">
          {count === undefined ? t("reasons.loading") : count === 0 ? t("reasons.none") : t("reasons.needs", { count })}
        </span>{" "}
        <span className="muted">{t("reasons.period")}</span>
      </p>
      {session?.signIn === true ? (
        <p className="top-who">
          <span className="muted">{t("reasons.by")}</span>{" "}
          <a href={`/sign-in?${new URLSearchParams({ next: location.pathname })}`}>{session.name}</a>
        </p>
      ) : (
        <label className="top-who">
          <span className="muted">{t("reasons.by")}</span>
          <input
            value={who}
            maxLength={60}
            autoComplete="off"
            onChange={(event) => {
              setWho(event.target.value);
              changeWho(event.target.value);
            }}
          />
        </label>
      )}
      {missing.reachable ? null : (
        <p className="offline" role="alert">
          {t("reasons.offline")}
          {waiting === 0 ? null : <span>{t("reasons.kept", { count: waiting })}</span>}
          {missing.rows === null ? null : (
            <span>{t("reasons.asOf", { time: format.clock(missing.reflects, scope.timezone) })}</span>
          )}
        </p>
      )}
    </header>
  );
}
