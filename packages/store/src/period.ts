/** `[from, to)` in epoch ms, whole minutes (PE-4). */
export interface Period {
  readonly from: number;
  readonly to: number;
}
