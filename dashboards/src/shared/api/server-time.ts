/** The server's clock, as of its last answer about now: a tablet's own clock may be wrong (W-4). */
let known: { readonly at: number; readonly monotonic: number } | null = null;

/** `reflects`: what an answer about now said of itself (epoch ms). */
export function noteServerTime(reflects: number): void {
  if (Number.isFinite(reflects)) known = { at: reflects, monotonic: performance.now() };
}

/** Epoch ms; before the first answer the device's own. */
export function serverNow(): number {
  return known === null ? Date.now() : Math.round(known.at + performance.now() - known.monotonic);
}
