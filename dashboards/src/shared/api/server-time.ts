/** The server's clock, by its last answer about the present: a tablet's own clock may be wrong (W-4). */
let known: { readonly at: number; readonly monotonic: number } | null = null;

/** Takes the server's time from an answer about the present. `reflects`: its instant (epoch ms). */
export function noteServerTime(reflects: number): void {
  if (Number.isFinite(reflects)) known = { at: reflects, monotonic: performance.now() };
}

/** The server's time (epoch ms); before the first answer the device's own. */
export function serverNow(): number {
  return known === null ? Date.now() : Math.round(known.at + performance.now() - known.monotonic);
}
