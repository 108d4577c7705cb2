/**
 * Scheduled time of spans of any length. A machine's own calendar clock computes and keeps all shifts of a span that it is
 * asked about: for decades this would hold up live figures and fill memory. Here a span is computed piece by piece, other work
 * gets the event loop in between, and only the sum of each piece is kept.
 */
import { CalendarClock } from "@oee/calendar";
import type { Calendar, Machine, Zone } from "@oee/model";
import { GiveWay } from "@oee/pacing";

const PIECE_MS = 64 * 86_400_000;
/** Most clocks of single pieces that are kept for the next machine of the calendar. */
const CLOCKS_MAX = 4;

class PiecewiseClock {
  readonly #calendar: Calendar;
  readonly #zone: Zone;
  readonly #clocks = new Map<number, CalendarClock>();
  /** Scheduled time (ms) of whole pieces, by the piece's number. */
  readonly #whole = new Map<number, number>();

  constructor(calendar: Calendar, zone: Zone) {
    this.#calendar = calendar;
    this.#zone = zone;
  }

  async scheduledMs(from: number, to: number, giveWay: GiveWay): Promise<number> {
    let sum = 0;
    for (let at = from; at < to; ) {
      const piece = Math.floor(at / PIECE_MS);
      const start = piece * PIECE_MS;
      const end = Math.min(to, start + PIECE_MS);
      const whole = at === start && end === start + PIECE_MS;
      const known = whole ? this.#whole.get(piece) : undefined;
      const scheduled = known ?? this.#clockOf(piece).scheduledMs(at, end);
      if (whole) this.#whole.set(piece, scheduled);
      sum += scheduled;
      at = end;
      if (giveWay.due) await giveWay.now();
    }
    return sum;
  }

  #clockOf(piece: number): CalendarClock {
    const clock = this.#clocks.get(piece) ?? new CalendarClock(this.#calendar, this.#zone);
    this.#clocks.delete(piece);
    this.#clocks.set(piece, clock);
    const [oldest] = this.#clocks.keys();
    if (this.#clocks.size > CLOCKS_MAX && oldest !== undefined) this.#clocks.delete(oldest);
    return clock;
  }
}

/** Clocks by calendar, which is another object once the plant file has changed, and zone. */
const clocks = new WeakMap<Calendar, Map<Zone, PiecewiseClock>>();

/** Scheduled time (ms) of a machine in `[from, to)`. */
export async function scheduledMsOf(
  { calendar, timezone }: Machine,
  from: number,
  to: number,
  giveWay: GiveWay,
): Promise<number> {
  if (calendar === null) return to - from;
  let byZone = clocks.get(calendar);
  if (byZone === undefined) clocks.set(calendar, (byZone = new Map()));
  let clock = byZone.get(timezone);
  if (clock === undefined) byZone.set(timezone, (clock = new PiecewiseClock(calendar, timezone)));
  return clock.scheduledMs(from, to, giveWay);
}
