import type { CSSProperties, ReactElement } from "react";
import { usePlace } from "./place.ts";
import { useTexts } from "./texts/use-texts.ts";

const MINUTE_MS = 60_000;

/** A bar that cuts a stop in two parts, and marks the part that is given a reason. `onCut`: `null` once the first part has its reason. */
export function SplitBar(props: {
  readonly from: number;
  readonly to: number;
  readonly open: boolean;
  readonly cut: number;
  readonly zone: string;
  readonly first: string | null;
  readonly onCut: ((at: number) => void) | null;
}): ReactElement {
  const { from, to, open, cut, zone, first, onCut } = props;
  const t = useTexts();
  const { format, reasons } = usePlace();
  const [min, max] = [from - (from % MINUTE_MS) + MINUTE_MS, to - 1 - ((to - 1) % MINUTE_MS)];
  const time = (at: number): string => format.timeOfDay(at, zone);
  const spans = [
    { part: 1, span: { from: time(from), to: time(cut) } },
    { part: 2, span: { from: time(cut), to: open ? t("reasons.now") : time(to) } },
  ];
  const share = { "--share": `${((cut - from) / (to - from)) * 100}%` } as CSSProperties;
  const move = (at: number): void => onCut?.(Math.min(max, Math.max(min, at)));
  return (
    <div className="split">
      <ol className="split-parts" style={share}>
        {spans.map(({ part, span }) => (
          <li key={part} aria-current={(part === 1) === (first === null) ? "step" : undefined}>
            <b>{t("reasons.part", { part })}</b> <span>{t("reasons.span", span)}</span>
            {part === 1 && first !== null ? <span> · {reasons.nameOf(first)}</span> : null}
          </li>
        ))}
      </ol>
      {onCut === null ? null : (
        <div className="split-tools">
          <button type="button" className="side" onClick={() => move(cut - MINUTE_MS)}>
            {t("reasons.earlier")}
          </button>
          <input
            type="range"
            min={min}
            max={max}
            step={MINUTE_MS}
            value={cut}
            aria-label={t("reasons.splitAt")}
            aria-valuetext={time(cut)}
            onChange={(event) => move(Number(event.target.value))}
          />
          <button type="button" className="side" onClick={() => move(cut + MINUTE_MS)}>
            {t("reasons.later")}
          </button>
        </div>
      )}
    </div>
  );
}
