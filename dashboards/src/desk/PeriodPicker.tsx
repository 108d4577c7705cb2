import type { ReactElement } from "react";
import { serverNow } from "../shared/api/server-time.ts";
import type { DeskTranslate } from "./desk-context.ts";
import { type PeriodChoice, PERIODS, type Spans } from "./period.ts";

type Options = Readonly<Record<string, string | null>>;

/** Which span, by name; the one before; and what is shown now as a span that stays. */
export function PeriodPicker(props: {
  readonly t: DeskTranslate;
  readonly choice: PeriodChoice;
  readonly spans: Spans | null;
  readonly onChoose: (options: Options) => void;
}): ReactElement {
  const { t, choice, spans, onChoose } = props;
  const pinned = (from: string, to: string): Options => ({ period: null, from: absolute(from), to: absolute(to) });
  return (
    <div className="period">
      <label>
        <span className="muted">{t("desk.period")}</span>
        <select
          value={choice.kind === "pinned" ? "" : choice.name}
          onChange={(event) => onChoose({ period: event.target.value, from: null, to: null })}
        >
          {choice.kind === "pinned" ? <option value="">{t("period.pinned")}</option> : null}
          {PERIODS.map((name) => (
            <option key={name} value={name}>
              {t(`period.${name}`)}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        disabled={spans === null}
        onClick={() => spans !== null && onChoose(pinned(spans.before.from, spans.before.to))}
      >
        {t("desk.before")}
      </button>
      {choice.kind === "pinned" ? null : (
        <button
          type="button"
          disabled={spans === null}
          title={t("desk.pinWhy")}
          onClick={() => spans !== null && onChoose(pinned(spans.span.from, spans.span.to))}
        >
          {t("desk.pin")}
        </button>
      )}
    </div>
  );
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

/** `now-24h` as an instant in whole minutes; instants as they are. */
export function absolute(text: string): string {
  const match = /^now(?:-(\d+)([hd]))?$/.exec(text);
  if (match === null) return text;
  const at = serverNow() - Number(match[1] ?? 0) * (UNIT_MS[match[2] ?? "h"] ?? 0);
  return new Date(at - (at % 60_000)).toISOString();
}
