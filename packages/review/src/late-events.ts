/** Events that came late (RV-2): those that arrived more than an hour after they happened, DI-1's lateness where nothing else is set. */
export const LATE_MS = 3_600_000;

export interface LateEvents {
  readonly count: number;
  /** How many of them arrived at an instant that was asked for, or later. */
  readonly after: number;
}
