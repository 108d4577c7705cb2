/**
 * Lists the segments of stops that need a reason and have none, or a vague one (RS-1), from stored rows: open ones first,
 * then the longest scheduled time, then machine and start.
 */
import { type PlantModel, startOfStop } from "@oee/engine";
import { compareCodePoints, machinesIn, type Scope, type StopSegment } from "@oee/model";
import { isVague, ownersOf } from "@oee/review";
import { GiveWay } from "@oee/pacing";
import type { Period, Store, StopKey, StopsPage } from "@oee/store";
import { HttpProblem } from "../problems.ts";
import type { Turnstile } from "@oee/pacing";
import { goingOn, type RecordOf } from "./open-stops.ts";
import { scheduledMsOf } from "./scheduled-time.ts";

/** A segment that needs a reason, with who is accountable for it (OW-2). */
export interface MissingReason extends StopSegment {
  /** Start of its stop (epoch ms). */
  readonly since: number;
  /** The accountable role; `null`: the plant file names none. */
  readonly owner: string | null;
}

const PAGE_ROWS = 10_000;
const PAGES_MAX = 20;

export async function missingReasons(
  sources: {
    readonly store: Pick<Store, "stops">;
    readonly turnstile: Turnstile;
    readonly recordOf: RecordOf;
    readonly signal: AbortSignal;
  },
  model: PlantModel,
  scope: Scope,
  period: Period,
): Promise<readonly MissingReason[]> {
  // Machines that were below the scope, each while it was (DI-3).
  const spans = machinesIn(scope, period);
  const machines = [...new Set(spans.map(({ machine }) => machine.id))];
  const isBelow = ({ machine: id, from, to }: StopSegment): boolean =>
    spans.some(({ machine, period: span }) => machine.id === id && from < span.to && to > span.from);
  const hasMoved = spans.some(({ period: span }) => span.from > period.from || span.to < period.to);
  const giveWay = new GiveWay();
  const byStop = new Map<string, StopSegment[]>();
  let after: StopKey | null = null;
  for (let page = 0; page === 0 || after !== null; page++) {
    if (page === PAGES_MAX) {
      throw new HttpProblem(
        "OEE_HTTP_TOO_MANY_ELEMENTS",
        `the period has more than ${PAGES_MAX * PAGE_ROWS} stops to look at; ask for a shorter one, or a smaller scope`,
      );
    }
    sources.signal.throwIfAborted();
    const from: { readonly after?: StopKey } = after === null ? {} : { after };
    const query = { machines, period, limit: PAGE_ROWS, ...from };
    const found: StopsPage = await sources.turnstile.run(() => sources.store.stops(query));
    for (const segment of found.stops) {
      if (hasMoved && !isBelow(segment)) continue;
      const known = await goingOn(model, segment, period.to, sources.recordOf, giveWay);
      const segments = byStop.get(known.stop);
      if (segments === undefined) byStop.set(known.stop, [known]);
      else segments.push(known);
      if (giveWay.due) await giveWay.now();
    }
    after = found.next;
  }
  const missing: MissingReason[] = [];
  for (const segments of byStop.values()) {
    if (giveWay.due) await giveWay.now();
    missing.push(...(await missingOf(model, segments, giveWay)));
  }
  return missing.sort(
    (a, b) =>
      Number(b.open) - Number(a.open) ||
      b.scheduledDuration - a.scheduledDuration ||
      compareCodePoints(a.machine, b.machine) ||
      a.from - b.from,
  );
}

/** The missing reasons among the segments of one stop, which must be in order of time. */
async function missingOf(
  model: PlantModel,
  segments: readonly StopSegment[],
  giveWay: GiveWay,
): Promise<readonly MissingReason[]> {
  const [first] = segments;
  const machine = first === undefined ? undefined : model.plant.machineById.get(first.machine);
  if (first === undefined || machine === undefined) return [];
  const since = startOfStop(first);
  // Time of the stop before the period belongs to its length, though its segments are not listed.
  const before = since < first.from ? await scheduledMsOf(machine, since, first.from, giveWay) : 0;
  const length = segments.reduce((sum, { scheduledDuration }) => sum + scheduledDuration, before);
  if (length < machine.reasonAfterMs) return [];
  return segments
    .filter(
      (segment) => !segment.minor && segment.scheduledDuration > 0 && isVague(model.plant.reasons, segment.reason),
    )
    .map((segment) => ({
      ...segment,
      machine: machine.path,
      since,
      owner: ownersOf(model.plant.owners, machine.path, segment.reason).accountable,
    }));
}
