/**
 * The operator's tablet beside the line (docs/reasons.md): the stops that need a reason, open ones first, and the reasons to tap.
 * Entries stay in the outbox until the answers show them.
 */
import { type ReactElement, useEffect, useRef, useState } from "react";
import type { MissingRow } from "../shared/api/rows.ts";
import type { Entry } from "../shared/corrections/entry.ts";
import { useOutbox } from "../shared/corrections/use-outbox.ts";
import { Entries } from "./Entries.tsx";
import { learnMostUsed } from "./most-used.ts";
import { Picker } from "./Picker.tsx";
import { usePlace } from "./place.ts";
import { keyOf, StopList } from "./StopList.tsx";
import { Top } from "./Top.tsx";
import { useTexts } from "./texts/use-texts.ts";
import { useMissing } from "./use-missing.ts";

/** For how many machines of the list the most used reasons are fetched before somebody taps one of their stops. */
const MACHINES_LEARNT_MAX = 20;

export function Tablet(): ReactElement {
  const t = useTexts();
  const { scope, reasons } = usePlace();
  const refreshed = useRef<() => Promise<void>>(async () => undefined);
  const { outbox, state } = useOutbox(() => refreshed.current());
  // Each answer shows that the server can be reached: waiting entries are sent, and corrections of open stops are extended.
  const [missing, refresh] = useMissing(scope.path, () => void outbox.keep());
  refreshed.current = refresh;
  useEffect(() => {
    const machines = new Set(missing.rows?.map(({ machine }) => machine));
    for (const machine of [...machines].slice(0, MACHINES_LEARNT_MAX)) void learnMostUsed(machine, reasons);
  }, [missing.rows, reasons]);

  const [chosen, setChosen] = useState<MissingRow | null>(null);
  const [full, setFull] = useState(false);
  const list = useRef<HTMLElement>(null);
  const close = (): void => {
    setChosen(null);
    list.current?.focus();
  };
  const add = (entry: Entry): void => {
    setFull(!outbox.add(entry));
    close();
  };
  return (
    <main className="tablet entering" data-chosen={chosen !== null}>
      <Top missing={missing} pending={state.pending} />
      <section className="stops" ref={list} tabIndex={-1} aria-label={t("reasons.title")}>
        {full ? <p role="alert">{t("reasons.full")}</p> : null}
        <Entries state={state} onEnter={add} onDecide={(id, decision) => outbox.decide(id, decision)} />
        <StopList
          rows={missing.rows}
          pending={state.pending}
          chosen={chosen === null ? null : keyOf(chosen)}
          onChoose={setChosen}
        />
      </section>
      <section className="answer" aria-live="polite">
        {chosen === null ? (
          <p className="muted hint">{missing.rows?.length === 0 ? "" : t("reasons.choose")}</p>
        ) : (
          <Picker key={keyOf(chosen)} row={chosen} onEnter={add} onClose={close} />
        )}
      </section>
    </main>
  );
}
