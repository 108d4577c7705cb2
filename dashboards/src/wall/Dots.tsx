import type { LiveElement } from "@oee/protocol";
import type { ReactElement } from "react";
import { useTranslate } from "../shared/i18n.ts";
import { useLive } from "./live-context.ts";
import { callsOf, type SignCount, signOf } from "./sign.ts";
import { SignIcon } from "./SignIcon.tsx";

/** A sign with its count takes about as much room as two signs. */
const SIGNS_PER_COUNT = 2;

/** The signs of a tile's machines in the order of flow, or, of more than `max` machines, their counts by sign, worst first. */
export function Dots(props: { readonly elements: readonly LiveElement[]; readonly max: number }): ReactElement {
  const { elements, max } = props;
  const { client } = useLive();
  const t = useTranslate();
  if (elements.length > max) {
    return <DotCounts counts={callsOf(elements, client.knownUntil()).counts} max={Math.floor(max / SIGNS_PER_COUNT)} />;
  }
  return (
    <div className="dots">
      {elements.map((machine) => {
        const { sign, word } = signOf(machine.machine, client.knownUntil());
        return (
          <span
            key={machine.scope}
            className={`dot mark-${sign}`}
            role="img"
            aria-label={`${machine.name}: ${t(word)}`}
          >
            <SignIcon sign={sign} />
          </span>
        );
      })}
    </div>
  );
}

/** Counts of machines by sign, worst first. Where not all fit, the last one is the sum of the calmest signs. */
function DotCounts(props: { readonly counts: readonly SignCount[]; readonly max: number }): ReactElement {
  const { counts, max } = props;
  const t = useTranslate();
  const shown = counts.length > max ? counts.slice(0, max - 1) : counts;
  const others = counts.slice(shown.length).reduce((sum, { count }) => sum + count, 0);
  return (
    <div className="dots">
      {shown.map(({ sign, count }) => (
        <span
          key={sign}
          className={`dot dot-count mark-${sign}`}
          role="img"
          aria-label={`${t(`sign.${sign}`)}: ${count}`}
        >
          <SignIcon sign={sign} />
          {count}
        </span>
      ))}
      {others === 0 ? null : <span className="dot dot-count muted">+{others}</span>}
    </div>
  );
}
