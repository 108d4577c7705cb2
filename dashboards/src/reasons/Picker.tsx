/** Gives a stop its reason: one tap, or, of a stop that is split by time, one tap a part. */
import { type ReactElement, useEffect, useRef, useState } from "react";
import type { StopRow } from "../shared/api/rows.ts";
import { serverNow } from "../shared/api/server-time.ts";
import type { Part, ReasonEntry } from "../shared/corrections/entry.ts";
import { newId } from "../shared/corrections/new-id.ts";
import { mostUsed } from "./most-used.ts";
import { usePlace } from "./place.ts";
import { ReasonGrid } from "./ReasonGrid.tsx";
import { SplitBar } from "./SplitBar.tsx";
import { StopText } from "./StopList.tsx";
import { useTexts } from "./texts/use-texts.ts";
import { whoEnters } from "../shared/who.ts";

const MINUTE_MS = 60_000;
const NOTE_MAX = 500;

export function Picker(props: {
  readonly row: StopRow;
  readonly onEnter: (entry: ReasonEntry) => void;
  readonly onClose: () => void;
}): ReactElement {
  const { row, onEnter, onClose } = props;
  const t = useTexts();
  const { plant, scope } = usePlace();
  const [from, to] = [Date.parse(row.from), Date.parse(row.to)];
  const zone = plant.scope(row.machine)?.timezone ?? scope.timezone;
  // The most used reasons of the moment when the stop was tapped, so that no button moves under a finger.
  const [used] = useState(() => mostUsed(row.machine));
  const [note, setNote] = useState("");
  const [cut, setCut] = useState<number | null>(null);
  const [first, setFirst] = useState<string | null>(null);
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  useEffect(() => {
    const escape = ({ key }: KeyboardEvent): void => {
      if (key === "Escape") onClose();
    };
    addEventListener("keydown", escape);
    return () => removeEventListener("keydown", escape);
  }, [onClose]);

  const end = row.open ? null : to;
  const enter = (parts: readonly Part[]): void =>
    onEnter({
      kind: "reason",
      id: newId(),
      machine: row.machine,
      stop: row.stop,
      from,
      to: end,
      seen: { state: row.state, reason: row.reason, correctedBy: row.correctedBy },
      at: serverNow(),
      by: whoEnters(),
      parts,
      note: note.trim() === "" ? null : note.trim(),
    });
  const pick = (reason: string): void => {
    if (cut === null) enter([{ from, to: end, reason }]);
    else if (first === null) setFirst(reason);
    else
      enter([
        { from, to: cut, reason: first },
        { from: cut, to: end, reason },
      ]);
  };
  return (
    <div className="picker">
      <div className="picker-head">
        <h2 ref={head} tabIndex={-1} className="picker-stop">
          <StopText row={row} />
        </h2>
        <button type="button" className="side" onClick={onClose}>
          {t("reasons.close")}
        </button>
      </div>
      {cut === null ? null : (
        <SplitBar
          from={from}
          to={to}
          open={row.open}
          cut={cut}
          zone={zone}
          first={first}
          onCut={first === null ? setCut : null}
        />
      )}
      <ReasonGrid key={first ?? ""} used={used} onPick={pick} />
      <div className="picker-foot">
        <label>
          <span className="muted">{t("reasons.comment")}</span>
          <input
            value={note}
            maxLength={NOTE_MAX}
            autoComplete="off"
            onChange={(event) => setNote(event.target.value)}
          />
        </label>
        {to - from < 2 * MINUTE_MS ? null : (
          <button
            type="button"
            className="side"
            onClick={() => {
              setFirst(null);
              setCut(cut === null ? middleOf(from, to) : null);
            }}
          >
            {t(cut === null ? "reasons.split" : "reasons.whole")}
          </button>
        )}
      </div>
    </div>
  );
}

/** The whole minute nearest to the middle of two instants (epoch ms). */
function middleOf(from: number, to: number): number {
  return Math.round((from + to) / 2 / MINUTE_MS) * MINUTE_MS;
}
