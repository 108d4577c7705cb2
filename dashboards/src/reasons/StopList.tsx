import type { ReactElement } from "react";
import type { MissingRow, StopRow } from "../shared/api/rows.ts";
import type { Pending } from "../shared/corrections/outbox.ts";
import type { TextKey } from "../shared/texts/texts.ts";
import { SignIcon } from "../wall/SignIcon.tsx";
import { usePlace } from "./place.ts";
import { useTexts } from "./texts/use-texts.ts";

/** Most stops in the list; of further ones only the number is shown. */
const SHOWN_MAX = 100;

/** A key of a segment in the list: its machine and start. */
export function keyOf(row: Pick<MissingRow, "machine" | "from">): string {
  return `${row.machine}@${Date.parse(row.from)}`;
}

export function StopList(props: {
  readonly rows: readonly MissingRow[] | null;
  readonly pending: readonly Pending[];
  readonly chosen: string | null;
  readonly onChoose: (row: MissingRow) => void;
}): ReactElement | null {
  const { rows, pending, chosen, onChoose } = props;
  if (rows === null) return null;
  const entered = new Set(pending.map(({ entry }) => `${entry.machine}@${entry.from}`));
  const shown = rows.filter((row) => !entered.has(keyOf(row))).slice(0, SHOWN_MAX);
  return (
    <ul className="stop-list">
      {shown.map((row) => (
        <li key={keyOf(row)}>
          <button
            type="button"
            className="big stop"
            data-open={row.open}
            aria-pressed={chosen === keyOf(row)}
            onClick={() => onChoose(row)}
          >
            <StopText row={row} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** A stop's text: its machine, state, start and end, shift and reason. */
export function StopText(props: { readonly row: StopRow }): ReactElement {
  const { row } = props;
  const t = useTexts();
  const { plant, scope, reasons, format } = usePlace();
  const machine = plant.scope(row.machine);
  const zone = machine?.timezone ?? scope.timezone;
  const [from, to] = [Date.parse(row.from), Date.parse(row.to)];
  const key = `state.${row.state}` as TextKey;
  const sign = row.reason === null || reasons.isVague(row.reason) ? "stopNoReason" : "stop";
  return (
    <>
      <span className="stop-sign">
        <SignIcon sign={sign} />
      </span>
      <span className="stop-what cut">
        <b>{machine?.name ?? row.machine}</b> {t(key)}
      </span>
      <span className="stop-length">{format.duration(row.duration)}</span>
      <span className="stop-when">
        {t("reasons.span", {
          from: format.instant(from, to, zone),
          to: row.open ? t("reasons.now") : format.timeOfDay(to, zone),
        })}
        {row.open ? <b className="stop-open"> {t("reasons.goesOn")}</b> : null}
      </span>
      {row.shift === null ? null : (
        <span className="stop-shift">
          {row.shift} {row.shiftDate === null ? "" : format.localDay(row.shiftDate)}
        </span>
      )}
      {row.reason === null ? null : (
        <span className="stop-vague">
          {sign === "stop" ? reasons.nameOf(row.reason) : t("reasons.vague", { reason: reasons.nameOf(row.reason) })}
        </span>
      )}
    </>
  );
}
