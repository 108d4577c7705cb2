/** All segments of stops of a scope and span, page after page; they may be a hundred thousand. */
import { useCallback, useEffect, useRef, useState } from "react";
import { apiUrl, ask, errorOf } from "../../shared/api/ask.ts";
import type { StopRow } from "../../shared/api/rows.ts";
import { noteServerTime } from "../../shared/api/server-time.ts";
import type { Span } from "../period.ts";

const PAGE_ROWS = 10_000;
const ROWS_MAX = 200_000;

export interface Stops {
  readonly rows: readonly StopRow[];
  readonly asking: boolean;
  readonly problem: Error | null;
  /** Whether there are more segments than the page keeps, or has, where it was cancelled. */
  readonly cut: boolean;
}

export interface AskedStops extends Stops {
  /** Ends the request; what has come stays. */
  readonly cancel: () => void;
}

const NOTHING: Stops = { rows: [], asking: true, problem: null, cut: false };

/** Whose stops are listed: those of all machines of a scope, those of the machines that stand for it (EQ-3), or of all those that need a reason (RS-1). */
export type Listed = "all" | "kpi" | "missing";

/** The stops of a span. When `version` changes they are loaded again, and the old ones stay meanwhile. */
export function useStops(scope: string, span: Span, listed: Listed, version: number): AskedStops {
  const [stops, setStops] = useState(NOTHING);
  const request = useRef<AbortController | null>(null);
  const { from, to } = span;
  useEffect(() => {
    const abort = new AbortController();
    request.current = abort;
    const path = listed === "missing" ? "/reasons/missing" : "/stops";
    const machines = listed === "kpi" ? "kpi" : null;
    const load = async (): Promise<void> => {
      let rows: StopRow[] = [];
      let after: string | null = null;
      let pinned = { from, to };
      do {
        const url: string = apiUrl(path, { scope, machines, ...pinned, limit: PAGE_ROWS, after });
        const { body, headers, reflects } = await ask<readonly StopRow[]>(url, { signal: abort.signal });
        noteServerTime(reflects);
        rows = rows.concat(body);
        after = headers.get("oee-next");
        // Further pages are asked for with the instants of the first, for `now` has moved since.
        pinned = { from: headers.get("oee-from") ?? from, to: headers.get("oee-to") ?? to };
        if (version === 0) setStops({ rows, asking: after !== null, problem: null, cut: false });
      } while (after !== null && rows.length < ROWS_MAX);
      setStops({ rows, asking: false, problem: null, cut: after !== null });
    };
    setStops((known) => ({ ...known, asking: true }));
    load().catch((error: unknown) => {
      if (abort.signal.aborted) return;
      setStops((known) => ({
        ...known,
        asking: false,
        problem: errorOf(error),
      }));
    });
    return () => abort.abort();
  }, [scope, from, to, listed, version]);
  const cancel = useCallback(() => {
    request.current?.abort();
    setStops((known) => ({ ...known, asking: false, cut: true }));
  }, []);
  return { ...stops, cancel };
}
