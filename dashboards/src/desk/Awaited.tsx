/**
 * Says that the server is asked, and how far it is: for how long, and how many of several answers have come; with a button
 * to cancel.
 */
import { type ReactElement, useEffect, useState } from "react";
import type { Asked } from "./data/use-table.ts";
import { useDesk } from "./desk-context.ts";

const SECOND_MS = 1_000;

export function Awaited(props: {
  readonly all: readonly Asked<unknown>[];
  readonly onCancel: () => void;
}): ReactElement {
  const { all, onCancel } = props;
  const { t } = useDesk();
  const [began] = useState(() => performance.now());
  const [now, setNow] = useState(began);
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), SECOND_MS);
    return () => clearInterval(timer);
  }, []);
  const came = all.filter((each) => !each.asking).length;
  const seconds = Math.floor((now - began) / SECOND_MS);
  return (
    <p className="asking">
      <span role="status">{t("desk.asking")}</span>{" "}
      {seconds < 1 ? null : (
        <span className="muted">
          {t("desk.askingFor", { count: seconds })}
          {all.length < 2 ? "" : ` · ${t("desk.cameOf", { came, count: all.length })}`}
        </span>
      )}{" "}
      <button type="button" onClick={onCancel}>
        {t("desk.cancel")}
      </button>
    </p>
  );
}
