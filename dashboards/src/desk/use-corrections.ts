/** The desk's outbox, which it keeps going by itself: no list is asked for again and again as on the tablets. */
import { useEffect, useState } from "react";
import type { Outbox, OutboxState } from "../shared/corrections/outbox.ts";
import { useOutbox } from "../shared/corrections/use-outbox.ts";

const KEEP_EVERY_MS = 15_000;

/** `version` grows when something came into effect. */
export function useCorrections(): { readonly outbox: Outbox; readonly state: OutboxState; readonly version: number } {
  const [version, setVersion] = useState(0);
  const { outbox, state } = useOutbox(() => setVersion((now) => now + 1));
  useEffect(() => {
    void outbox.keep();
    const timer = setInterval(() => void outbox.keep(), KEEP_EVERY_MS);
    return () => clearInterval(timer);
  }, [outbox]);
  return { outbox, state, version };
}
