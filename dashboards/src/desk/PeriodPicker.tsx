import type { PlantScope } from "@oee/protocol";
import { type ReactElement, useState } from "react";
import { apiUrl, ask, errorOf } from "../shared/api/ask.ts";
import type { Format } from "../shared/format.ts";
import type { Element } from "./data/rows.ts";
import { FormDialog } from "./FormDialog.tsx";
import type { TextOf } from "./form-text.ts";
import { serverNow } from "../shared/api/server-time.ts";
import type { DeskTranslate } from "./desk-context.ts";
import { type PeriodChoice, PERIODS, type Span, type Spans } from "./period.ts";

type Options = Readonly<Record<string, string | null>>;

/** The choice of the period: by name, the period before or after, by days, and pinning the present one. */
export function PeriodPicker(props: {
  readonly t: DeskTranslate;
  readonly scope: PlantScope;
  readonly format: Format;
  readonly choice: PeriodChoice;
  readonly spans: Spans | null;
  readonly onChoose: (options: Options) => void;
}): ReactElement {
  const { t, scope, format, choice, spans, onChoose } = props;
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
      {choice.kind === "pinned" ? (
        <button type="button" onClick={() => onChoose(pinned(...after(choice.span)))}>
          {t("desk.after")}
        </button>
      ) : (
        <button
          type="button"
          disabled={spans === null}
          title={t("desk.pinWhy")}
          onClick={() => spans !== null && onChoose(pinned(spans.span.from, spans.span.to))}
        >
          {t("desk.pin")}
        </button>
      )}
      <Days t={t} scope={scope} format={format} onChoose={onChoose} />
    </div>
  );
}

/** The span of the same length that follows a span. */
function after({ from, to }: Span): readonly [string, string] {
  return [to, new Date(2 * Date.parse(to) - Date.parse(from)).toISOString()];
}

/** A choice of days; where they begin and end is asked of the server (PE-2). */
function Days(props: {
  readonly t: DeskTranslate;
  readonly scope: PlantScope;
  readonly format: Format;
  readonly onChoose: (options: Options) => void;
}): ReactElement {
  const { t, scope, format, onChoose } = props;
  const [problem, setProblem] = useState<Error | null>(null);
  const today = format.isoDate(serverNow(), scope.timezone);
  const show = async (text: TextOf): Promise<boolean> => {
    try {
      onChoose({ period: null, ...(await spanOfDays(text("first"), text("last"), scope, format)) });
      return true;
    } catch (error) {
      setProblem(errorOf(error));
      return false;
    }
  };
  return (
    <FormDialog t={t} label={t("desk.days")} submitLabel={t("desk.show")} problem={problem} onSubmit={show}>
      <label className="required">
        {t("desk.firstDay")}
        <input name="first" type="date" required max={today} defaultValue={today} />
      </label>
      <label>
        {t("desk.lastDay")}
        <input name="last" type="date" max={today} />
      </label>
    </FormDialog>
  );
}

const DAY_MS = 86_400_000;

/** The span of the local dates from `first` to `last`, both included; an empty `last` means `first`. Throws `ApiProblem`. */
async function spanOfDays(first: string, last: string, scope: PlantScope, format: Format): Promise<Span> {
  const [from, to] = first <= last || last === "" ? [first, last === "" ? first : last] : [last, first];
  const dayOf = async (date: string): Promise<Element> => {
    const at = Date.parse(date);
    const around = { from: new Date(at - DAY_MS).toISOString(), to: new Date(at + 2 * DAY_MS).toISOString() };
    const url = apiUrl("/kpis", { scope: scope.path, by: scope.kind, every: "day", ...around });
    const { body } = await ask<readonly Element[]>(url);
    const found = body.find((day) => format.isoDate(Date.parse(day.from), scope.timezone) === date);
    if (found === undefined) throw new Error(date);
    return found;
  };
  const [begin, end] = await Promise.all([dayOf(from), dayOf(to)]);
  return { from: begin.from, to: end.to };
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

/** An instant for a relative text such as `now-24h`, cut to whole minutes; an instant stays as it is. */
export function absolute(text: string): string {
  const match = /^now(?:-(\d+)([hd]))?$/.exec(text);
  if (match === null) return text;
  const at = serverNow() - Number(match[1] ?? 0) * (UNIT_MS[match[2] ?? "h"] ?? 0);
  return new Date(at - (at % 60_000)).toISOString();
}
