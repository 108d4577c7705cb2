/** The desk's outbox: the same as the tablets', and shared with the other pages of this browser. */
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { serverNow } from "../shared/api/server-time.ts";
import { httpPort } from "../shared/corrections/http-port.ts";
import { Outbox, OUTBOX_KEY, type OutboxState } from "../shared/corrections/outbox.ts";

const KEEP_EVERY_MS = 15_000;

/** `version` grows when something came into effect. */
export function useCorrections(): { readonly outbox: Outbox; readonly state: OutboxState; readonly version: number } {
  const [version, setVersion] = useState(0);
  const changed = useRef(() => undefined as void);
  changed.current = () => setVersion((now) => now + 1);
  const outbox = useMemo(
    () =>
      new Outbox({
        port: httpPort(),
        storage: localStorage,
        now: serverNow,
        later: (run, ms) => void setTimeout(run, ms),
        onEffect: async () => changed.current(),
      }),
    [],
  );
  const state = useSyncExternalStore(outbox.subscribe, outbox.state);
  useEffect(() => {
    void outbox.keep();
    const timer = setInterval(() => void outbox.keep(), KEEP_EVERY_MS);
    const stored = ({ key, newValue }: StorageEvent): void => {
      if (key === OUTBOX_KEY) outbox.reread(newValue);
    };
    addEventListener("storage", stored);
    return () => {
      clearInterval(timer);
      removeEventListener("storage", stored);
    };
  }, [outbox]);
  return { outbox, state, version };
}
