/**
 * Instants as `Date.toISOString` writes them, `2026-03-02T05:00:00.000Z`, read four bytes at a time: what stands before the
 * seconds is compared with that of the instant read last, for events that come together mostly share their minute.
 */
import { parseInstantBytes } from "../instant.ts";

/** Bytes of such a text. */
export const USUAL_INSTANT_BYTES = 24;

const MS_PER_MINUTE = 60_000;
const COLON = 0x3a;
const POINT = 0x2e;
const UTC = 0x5a;
const ZERO = 0x30;

export class UsualInstants {
  // `2026-03-02T05:00` of the instant read last, and the epoch milliseconds at which that minute begins.
  #first = 0;
  #second = 0;
  #third = 0;
  #fourth = 0;
  #minuteMs = 0;

  /**
   * Epoch milliseconds of the text of 24 bytes that begins at `p` in `view`, and at `from` in `bytes`; NaN when it is
   * written in another way, or is no instant.
   */
  read(view: DataView, p: number, bytes: Uint8Array, from: number): number {
    const ms = millisecondsOf(view.getInt32(p + 16, true), view.getInt32(p + 20, true));
    if (ms < 0) return Number.NaN;
    const first = view.getInt32(p, true);
    const second = view.getInt32(p + 4, true);
    const third = view.getInt32(p + 8, true);
    const fourth = view.getInt32(p + 12, true);
    if (fourth === this.#fourth && third === this.#third && second === this.#second && first === this.#first) {
      return this.#minuteMs + ms;
    }
    const at = parseInstantBytes(bytes, from, from + USUAL_INSTANT_BYTES);
    if (Number.isNaN(at)) return at;
    this.#first = first;
    this.#second = second;
    this.#third = third;
    this.#fourth = fourth;
    this.#minuteMs = Math.floor(at / MS_PER_MINUTE) * MS_PER_MINUTE;
    return at;
  }
}

/** Milliseconds of the minute in `:SS.` and `mmmZ`; negative when they are written in another way. */
function millisecondsOf(seconds: number, fraction: number): number {
  if ((seconds & 0xff) !== COLON || seconds >>> 24 !== POINT || fraction >>> 24 !== UTC) return -1;
  const tens = ((seconds >>> 8) & 0xff) - ZERO;
  const units = ((seconds >>> 16) & 0xff) - ZERO;
  const hundredths = (fraction & 0xff) - ZERO;
  const tenths = ((fraction >>> 8) & 0xff) - ZERO;
  const ones = ((fraction >>> 16) & 0xff) - ZERO;
  if (tens >>> 0 > 5 || units >>> 0 > 9 || hundredths >>> 0 > 9 || tenths >>> 0 > 9 || ones >>> 0 > 9) return -1;
  return tens * 10_000 + units * 1000 + hundredths * 100 + tenths * 10 + ones;
}
