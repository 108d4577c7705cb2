/** The desk's outbox of corrections. It sends by itself, since the desk does not poll a list as the tablet does. */
import { useEffect, useState } from "react";
import type { Outbox, OutboxState } from "../shared/corrections/outbox.ts";
import { useOutbox } from "../shared/corrections/use-outbox.ts";

const KEEP_EVERY_MS = 15_000;

/** The outbox and its state; `version` grows when a correction has taken effect. */
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
