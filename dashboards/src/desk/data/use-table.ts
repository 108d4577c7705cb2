/**
 * Asks the API for a table. A request can be cancelled, and is cancelled when its view is left: the server then stops
 * computing the answer. While a new answer is awaited, the last one stays, marked as old; it goes when the request is cancelled.
 */
import { useCallback, useEffect, useState } from "react";
import { ask, errorOf } from "../../shared/api/ask.ts";
import { noteServerTime } from "../../shared/api/server-time.ts";

export interface Table<T> {
  readonly rows: readonly T[];
  /** The span of the answer, and the instant that it reflects (epoch ms). */
  readonly from: number;
  readonly to: number;
  readonly reflects: number;
  readonly headers: Headers;
}

export interface Asked<T> {
  readonly table: Table<T> | null;
  readonly asking: boolean;
  readonly problem: Error | null;
  /** Whether the request was cancelled, so that there is no answer until it is asked again. */
  readonly cancelled: boolean;
  readonly cancel: () => void;
  readonly again: () => void;
}

/** The answer of an address; `null`: there is nothing to ask yet. A changed `asksAgain` repeats the request. An answer that is one document is a table of one row. */
export function useTable<T>(url: string | null, asksAgain = 0): Asked<T> {
  const [state, setState] = useState<{
    readonly url: string | null;
    readonly table: Table<T> | null;
    readonly problem: Error | null;
  }>({ url: null, table: null, problem: null });
  const [turn, setTurn] = useState(0);
  const [stopped, setStopped] = useState<string | null>(null);
  useEffect(() => {
    if (url === null || stopped === url) return undefined;
    const abort = new AbortController();
    ask<T | readonly T[]>(url, { signal: abort.signal }).then(
      ({ body, reflects, headers }) => {
        noteServerTime(reflects);
        const instant = (name: string): number => Date.parse(headers.get(name) ?? "");
        const rows: readonly T[] = Array.isArray(body) ? (body as readonly T[]) : [body as T];
        const table = { rows, from: instant("oee-from"), to: instant("oee-to"), reflects, headers };
        setState({ url, table, problem: null });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setState({ url, table: null, problem: errorOf(error) });
      },
    );
    return () => abort.abort();
  }, [url, turn, stopped, asksAgain]);
  const again = useCallback(() => {
    setStopped(null);
    setTurn((now) => now + 1);
  }, []);
  const awaited = url !== null && state.url !== url;
  const cancelled = awaited && stopped === url;
  return {
    table: cancelled ? null : state.table,
    asking: awaited && !cancelled,
    cancelled,
    problem: state.url === url ? state.problem : null,
    cancel: () => setStopped(url),
    again,
  };
}
