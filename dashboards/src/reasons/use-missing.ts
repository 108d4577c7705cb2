/** The stops that need a reason, asked for every few seconds. While the server is away the last list stays. */
import { useCallback, useEffect, useRef, useState } from "react";
import { apiUrl, ask } from "../shared/api/ask.ts";
import type { MissingRow } from "../shared/api/rows.ts";
import { noteServerTime } from "../shared/api/server-time.ts";

const EVERY_MS = 5_000;

export interface Missing {
  /** The stops; `null`: no answer has come yet. */
  readonly rows: readonly MissingRow[] | null;
  /** The instant up to which the list is true (epoch ms). */
  readonly reflects: number;
  readonly reachable: boolean;
}

export function useMissing(scope: string, onAnswer: () => void): readonly [Missing, () => Promise<void>] {
  const [missing, setMissing] = useState<Missing>({ rows: null, reflects: 0, reachable: true });
  const answered = useRef(onAnswer);
  answered.current = onAnswer;
  const refresh = useCallback(async () => {
    try {
      const { body, reflects } = await ask<readonly MissingRow[]>(
        apiUrl("/reasons/missing", { scope, from: "now-24h" }),
      );
      noteServerTime(reflects);
      setMissing({ rows: body, reflects, reachable: true });
      answered.current();
    } catch {
      setMissing((known) => ({ ...known, reachable: false }));
    }
  }, [scope]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const turn = async (): Promise<void> => {
      await refresh();
      if (!over) timer = setTimeout(() => void turn(), EVERY_MS);
    };
    void turn();
    const online = (): void => void refresh();
    addEventListener("online", online);
    return () => {
      over = true;
      clearTimeout(timer);
      removeEventListener("online", online);
    };
  }, [refresh]);
  return [missing, refresh];
}
