/** Events that came late (RV-2): those that arrived more than an hour after they happened, DI-1's lateness where nothing else is set. */
export const LATE_MS = 3_600_000;

/** No more are counted: an import of history makes all events of a period late ones. */
export const LATE_EVENTS_MAX = 100_000;

export interface LateEvents {
  /** At most `LATE_EVENTS_MAX`. */
  readonly count: number;
  /** How many of them arrived at an instant that was asked for, or later; `null`: there are more than are counted. */
  readonly after: number | null;
}
