/** The outbox of a page, shared with other pages of the browser by its storage. */
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { serverNow } from "../api/server-time.ts";
import { httpPort } from "./http-port.ts";
import { Outbox, OUTBOX_KEY, type OutboxState } from "./outbox.ts";

/** The outbox and its state. `onEffect`: called when an entry has come into effect. */
export function useOutbox(onEffect: () => void | Promise<void>): {
  readonly outbox: Outbox;
  readonly state: OutboxState;
} {
  const newest = useRef(onEffect);
  newest.current = onEffect;
  const outbox = useMemo(
    () =>
      new Outbox({
        port: httpPort(),
        storage: localStorage,
        now: serverNow,
        later: (run, ms) => void setTimeout(run, ms),
        onEffect: async () => newest.current(),
      }),
    [],
  );
  const state = useSyncExternalStore(outbox.subscribe, outbox.state);
  useEffect(() => {
    const stored = ({ key }: StorageEvent): void => {
      if (key === OUTBOX_KEY) outbox.reread();
    };
    addEventListener("storage", stored);
    return () => removeEventListener("storage", stored);
  }, [outbox]);
  return { outbox, state };
}
