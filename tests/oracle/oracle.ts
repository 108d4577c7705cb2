/**
 * A second, naive implementation of packages/engine/SPEC.md, with which the engine is compared. It computes rows and stops of one
 * machine from its events: time is cut wherever anything can change (events, ends of staleness limits, corrections, shifts, breaks,
 * jobs, minutes, the period), and each of these elementary intervals is classified by the rules as they are written. It shares types
 * of `model` with the engine, and no code.
 */
import {
  type Category,
  COMPONENT_NAMES,
  type Components,
  type CorrectionEvent,
  type JobEvent,
  type Machine,
  type Plant,
  type PlantEvent,
  type ReasonTree,
  type Row,
  STATES,
  type StateEvent,
  type StateName,
  type StopSegment,
  type TotalEvent,
} from "@oee/model";
import { MINUTE_MS, type ShiftSpan, type Span, shiftSpans } from "./wall-clock.ts";

export interface OraclePeriod {
  readonly from: number;
  readonly to: number;
  readonly now: number;
}

export interface OracleAnswer {
  /** One row per minute, product, shift and shift date, cut to `[from, to)` and to now; in order of time. */
  readonly rows: Row[];
  /** Whole segments that overlap `[from, to)`, in order of time. */
  readonly stops: StopSegment[];
  /** Totals before now that are doubted (CN-8), each as its instant (epoch ms) and quantity. */
  readonly doubted: string[];
}

/** An interval in which nothing changes, with what holds in it. */
interface Elementary {
  readonly from: number;
  readonly to: number;
  readonly state: StateName;
  readonly reason: string | null;
  readonly correction: CorrectionEvent | null;
  readonly category: Category;
  readonly failure: boolean;
  readonly shift: ShiftSpan | null;
  readonly scheduled: boolean;
  readonly product: string | null;
}

/** Contiguous elementary intervals: a segment (TL-8), a stop (ST-1) or a failure (ST-3). */
type Run = [Elementary, ...Elementary[]];

const QUANTITIES = ["good", "scrap", "rework"] as const;

/** The answer for one machine; `log` holds events of any machine in log order. */
export function evaluate(
  plant: Plant,
  machine: Machine,
  log: readonly PlantEvent[],
  period: OraclePeriod,
): OracleAnswer {
  const accepted = withoutRepeats(log.filter((event) => event.machine.id === machine.id));
  const events = accepted.filter((event) => event.type === "correction" || event.at < period.now); // CO-2
  const line = timeline(plant, machine, events, period);
  const stops = runs(line, (a, b) => isStop(a) && isStop(b)).filter((run) => isStop(run[0]) && lengthOf(run) > 0);
  return {
    rows: rowsOf(plant, machine, events, line, stops, period),
    stops: stops.flatMap((stop) => stopSegments(machine, stop, period)),
    doubted: [...QUANTITIES, "produced" as const].flatMap((quantity) =>
      judged(machine, events, quantity).doubted.map(({ at }) => `${at} ${quantity}`),
    ),
  };
}

/** CN-4: the log without events whose id is among the last 256 accepted. */
function withoutRepeats(log: readonly PlantEvent[]): PlantEvent[] {
  const acceptedIds: string[] = [];
  return log.filter((event) => {
    if (event.id === null) return true;
    if (acceptedIds.slice(-256).includes(event.id)) return false;
    acceptedIds.push(event.id);
    return true;
  });
}

// Timeline and calendar (sections 3 and 4)

function timeline(plant: Plant, machine: Machine, events: readonly PlantEvent[], period: OraclePeriod): Elementary[] {
  const cuts = new Set([period.from, period.to, period.now]);
  for (const event of events) {
    if (event.type === "correction") {
      cuts.add(event.from).add(event.to);
    } else {
      cuts.add(event.at);
      if (machine.staleAfterMs !== null) cuts.add(event.at + machine.staleAfterMs);
    }
  }
  const idle = idleSpans(plant, machine, events, period.now);
  for (const span of idle) cuts.add(span.from).add(span.to);
  const running = runningFrom(plant, machine, events);
  if (running !== null) cuts.add(running);
  const first = Math.min(...cuts);
  const shifts =
    machine.calendar === null ? null : shiftSpans(machine.calendar, machine.timezone.name, first, period.now);
  for (const shift of shifts ?? []) {
    cuts.add(shift.from).add(shift.to);
    for (const pause of shift.breaks) cuts.add(pause.from).add(pause.to);
  }
  const knownTo = Math.min(period.to, period.now);
  for (let t = Math.ceil(period.from / MINUTE_MS) * MINUTE_MS; t < knownTo; t += MINUTE_MS) cuts.add(t);

  const bounds = [...cuts].filter((t) => t >= first && t <= period.now).toSorted((a, b) => a - b);
  const segments = stateSegments(events);
  const signs = events.filter((event) => event.type !== "correction").map((event) => event.at);
  const corrections = events.filter((event) => event.type === "correction");
  const jobs = lastOfEachInstant(events.filter((event) => event.type === "job"));
  const line: Elementary[] = [];
  for (const [i, from] of bounds.entries()) {
    const to = bounds[i + 1];
    if (to === undefined) break;
    const raw = idle.some((span) => span.from <= from && from < span.to)
      ? ({ state: "idle", reason: null } as const)
      : uncorrected(machine, segments, signs, running, from);
    const { state, reason, correction } = corrected(plant, raw, corrections, from);
    const shift = shifts?.find((s) => s.from <= from && from < s.to) ?? null;
    const inBreak = shift?.breaks.some((b) => b.from <= from && from < b.to) ?? false;
    line.push({
      from,
      to,
      state,
      reason,
      correction,
      ...categoryOf(plant, state, reason),
      shift,
      scheduled: shifts === null || (shift !== null && !inBreak),
      product: jobs.findLast((job) => job.at <= from)?.product ?? null,
    });
  }
  return line;
}

/** TL-1 to TL-3: raw segments, each of which lasts to the next one. */
function stateSegments(events: readonly PlantEvent[]): { at: number; state: StateName; reason: string | null }[] {
  const all = events.filter((event) => event.type === "state");
  const opened: { at: number; state: StateName; reason: string | null }[] = [];
  for (const event of lastOfEachInstant(all)) {
    const inForce = opened.at(-1);
    const repeats = event.state === inForce?.state && (event.reason === null || event.reason === inForce.reason);
    if (!repeats) opened.push({ at: event.at, state: event.state, reason: event.reason });
  }
  return opened.map((segment, i) => {
    const next = opened[i + 1];
    const explained = segment.reason === null && next?.state === segment.state;
    return explained ? { ...segment, reason: next.reason } : segment;
  });
}

/** The events by `at`; of several at one instant only the last in log order (TL-1, CN-2, CN-3). */
function lastOfEachInstant<E extends StateEvent | TotalEvent | JobEvent>(events: readonly E[]): E[] {
  return events
    .filter((event, i) => !events.slice(i + 1).some((later) => later.at === event.at))
    .toSorted((a, b) => a.at - b.at);
}

/** TL-1 to TL-4, TL-9 (a): state and reason at `t` before corrections. `running`: the first pulse, from which the machine runs until its first state event. */
function uncorrected(
  machine: Machine,
  segments: readonly { at: number; state: StateName; reason: string | null }[],
  signs: readonly number[],
  running: number | null,
  t: number,
): { readonly state: StateName; readonly reason: string | null } {
  if (isStale(machine, signs, t)) return { state: "unknown", reason: null };
  const told = segments.findLast((segment) => segment.at <= t);
  if (told !== undefined) return told;
  return { state: running !== null && running <= t ? "running" : "unknown", reason: null };
}

/** TL-9: the pulses, instants at which all counts together bring more than 0; none for a machine without `pulseGap`. */
function pulsesOf(plant: Plant, machine: Machine, events: readonly PlantEvent[]): number[] {
  if (machine.pulseGapMs === null) return [];
  const brought = new Map<number, number>();
  for (const { at, amount } of countsOf(plant, machine, events)) brought.set(at, (brought.get(at) ?? 0) + amount);
  return [...brought].flatMap(([at, amount]) => (amount > 0 ? [at] : [])).toSorted((a, b) => a - b);
}

function runningFrom(plant: Plant, machine: Machine, events: readonly PlantEvent[]): number | null {
  return pulsesOf(plant, machine, events)[0] ?? null;
}

/** TL-9 (b): spans of production that are idle, because their pulses lie too far apart. */
function idleSpans(plant: Plant, machine: Machine, events: readonly PlantEvent[], now: number): Span[] {
  const gap = machine.pulseGapMs;
  if (gap === null) return [];
  const pulses = pulsesOf(plant, machine, events);
  const segments = stateSegments(events);
  const signs = events.filter((event) => event.type !== "correction").map((event) => event.at);
  const changes = new Set([...signs, ...signs.map((at) => at + (machine.staleAfterMs ?? 0)), now]);
  const bounds = [...changes].filter((t) => t <= now).toSorted((a, b) => a - b);
  const spans: Span[] = [];
  for (const [i, from] of bounds.entries()) {
    const to = bounds[i + 1];
    if (to === undefined) break;
    const { state } = uncorrected(machine, segments, signs, pulses[0] ?? null, from);
    if (plant.categories[state] !== "production") continue;
    const last = spans.at(-1);
    if (last?.to === from) last.to = to;
    else spans.push({ from, to });
  }
  const jobs = lastOfEachInstant(events.filter((event) => event.type === "job"));
  return spans.flatMap((span) => {
    const cutsInside = pulses.filter((pulse) => pulse > span.from && pulse < span.to);
    const ends = [span.from, ...cutsInside, span.to];
    return ends.slice(0, -1).flatMap((from, i): Span[] => {
      const to = ends[i + 1] ?? from;
      const job = jobs.findLast((j) => j.at <= from);
      const { cycleUs, pieces } = ratesFor(plant, machine, job, null);
      const cycle = Math.floor((cycleUs * pieces) / 1000);
      if (to - from <= gap || to - from <= cycle) return [];
      const made = pulses.includes(from) || pulses.includes(to);
      return [{ from: made ? from + cycle : from, to }];
    });
  });
}

/** CN-3, CN-6, CN-9: product, ideal cycle (µs) and pieces of a count. `named` is the product that the count itself names. */
function ratesFor(
  plant: Plant,
  machine: Machine,
  job: JobEvent | undefined,
  named: string | null,
): { product: string | null; cycleUs: number; pieces: number } {
  const product = named ?? job?.product ?? null;
  const own = product === (job?.product ?? null) ? job : undefined;
  const listed = plant.products.get(product ?? "");
  const cycleUs = own?.idealCycleUs ?? listed?.idealCycleUs ?? machine.idealCycleUs ?? 0;
  return {
    product,
    cycleUs: machine.idealCycleUs === null ? 0 : cycleUs, // EQ-2
    pieces: own?.piecesPerCount ?? listed?.piecesPerCount ?? machine.piecesPerCount,
  };
}

/** TL-4: whether the machine has been silent for `staleAfter` at `t`; `signs` are the instants of its events. */
function isStale(machine: Machine, signs: readonly number[], t: number): boolean {
  const heard = signs.filter((at) => at <= t);
  return machine.staleAfterMs !== null && heard.length > 0 && t >= Math.max(...heard) + machine.staleAfterMs;
}

/** TL-7: state and reason at `t` after corrections, and the correction in force. */
function corrected(
  plant: Plant,
  raw: { readonly state: StateName; readonly reason: string | null },
  corrections: readonly CorrectionEvent[],
  t: number,
): { state: StateName; reason: string | null; correction: CorrectionEvent | null } {
  let now: ReturnType<typeof corrected> = { state: raw.state, reason: raw.reason, correction: null };
  for (const correction of corrections) {
    if (t < correction.from || t >= correction.to) continue;
    if (correction.clear) {
      now = { state: raw.state, reason: raw.reason, correction: null };
    } else if (correction.state !== null) {
      now = { state: correction.state, reason: correction.reason, correction };
    } else if (!isSettled(plant.categories[now.state])) {
      now = { state: now.state, reason: correction.reason, correction };
    }
  }
  return now;
}

/** The categories that a reason neither sets nor changes (TL-6). */
function isSettled(category: Category): boolean {
  return category === "production" || category === "unknown";
}

/** TL-5, TL-6: category of a state with a reason, and whether it is a failure. */
function categoryOf(plant: Plant, state: StateName, reason: string | null): { category: Category; failure: boolean } {
  let category = plant.categories[state];
  let failure = STATES[state].failure;
  if (reason === null || isSettled(category)) return { category, failure };
  let tree: ReasonTree = plant.reasons;
  for (const name of reason.split("/")) {
    const node = tree.children.get(name);
    if (node === undefined) break;
    if (node.category !== null && !isSettled(node.category)) category = node.category;
    if (node.failure !== null) failure = node.failure;
    tree = node;
  }
  return { category, failure };
}

// Stops and failures (section 5)

/** Groups neighbours into maximal runs in which `together` is true of each pair. */
function runs(line: readonly Elementary[], together: (a: Elementary, b: Elementary) => boolean): Run[] {
  const found: Run[] = [];
  for (const piece of line) {
    const run = found.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && together(last, piece)) run.push(piece);
    else found.push([piece]);
  }
  return found;
}

function isStop(piece: Elementary): boolean {
  return piece.category === "unplannedStop";
}

function durationOf(pieces: readonly Elementary[]): number {
  return pieces.reduce((sum, piece) => sum + piece.to - piece.from, 0);
}

function scheduledOf(run: Run): Elementary[] {
  return run.filter((piece) => piece.scheduled);
}

/** ST-1: the length of a stop is its scheduled time, in ms. */
function lengthOf(run: Run): number {
  return durationOf(scheduledOf(run));
}

/** ST-2. With a threshold of 0 no stop is minor. */
function isMinor(machine: Machine, stop: Run): boolean {
  return lengthOf(stop) < machine.minorStopThresholdMs;
}

/** ST-3: the failures of a stop that count; those of a minor stop do not. */
function failuresOf(machine: Machine, stop: Run): Run[] {
  if (isMinor(machine, stop)) return [];
  return runs(stop, (a, b) => a.failure === b.failure).filter((run) => run[0].failure && lengthOf(run) > 0);
}

function endOf(run: Run): number {
  return run.at(-1)?.to ?? run[0].to;
}

/** ST-5: the segments of a stop that overlap the period, in the form of `GET /stops`. */
function stopSegments(machine: Machine, stop: Run, period: OraclePeriod): StopSegment[] {
  const segments = runs(
    stop,
    (a, b) => a.state === b.state && a.reason === b.reason && a.correction === b.correction, // TL-8
  );
  return segments
    .filter((segment) => segment[0].from < Math.min(period.to, period.now) && endOf(segment) > period.from)
    .map((segment) => {
      const shown = scheduledOf(segment)[0];
      return {
        machine: machine.id,
        stop: `${machine.id}@${new Date(stop[0].from).toISOString()}`,
        from: segment[0].from,
        to: endOf(segment),
        state: segment[0].state,
        reason: segment[0].reason,
        category: segment[0].category,
        failure: segment[0].failure,
        minor: isMinor(machine, stop),
        duration: durationOf(segment),
        scheduledDuration: lengthOf(segment),
        open: endOf(segment) === period.now,
        shift: shown?.shift?.name ?? null,
        shiftDate: shown?.shift?.date ?? null,
        crew: shown?.shift?.crew ?? null,
        product: (shown ?? segment[0]).product,
        correctedBy: segment[0].correction?.by ?? null,
      };
    });
}

// Components (sections 6 and 8)

function rowsOf(
  plant: Plant,
  machine: Machine,
  events: readonly PlantEvent[],
  line: readonly Elementary[],
  stops: readonly Run[],
  period: OraclePeriod,
): Row[] {
  const rows = new Map<string, Row>();
  const add = (
    t: number,
    component: keyof Components,
    amount: number,
    at?: Elementary,
    named?: string | null,
  ): void => {
    const piece = at ?? line.find((p) => p.from <= t && t < p.to);
    if (piece === undefined || t < period.from || t >= period.to) return; // CO-1
    const minute = Math.floor(t / MINUTE_MS) * MINUTE_MS;
    const product = named === undefined ? piece.product : named;
    const key = JSON.stringify([minute, product, piece.shift?.name, piece.shift?.date]);
    let row = rows.get(key);
    if (row === undefined) {
      row = {
        machine: machine.id,
        from: Math.max(minute, period.from), // a period may begin within a minute
        product,
        shift: piece.shift?.name ?? null,
        shiftDate: piece.shift?.date ?? null,
        taktUs: plant.products.get(product ?? "")?.taktUs ?? machine.taktUs,
        costPerHour: machine.costPerHour,
        decimals: machine.decimals,
        ...noComponents(),
      };
      rows.set(key, row);
    }
    row[component] += amount;
  };

  const minor = new Set(stops.filter((stop) => isMinor(machine, stop)).flat());
  const failed = new Set(stops.flatMap((stop) => failuresOf(machine, stop)).flat());
  for (const piece of line) {
    const length = piece.to - piece.from;
    add(piece.from, timeComponentOf(machine, piece, minor.has(piece)), length, piece);
    if (failed.has(piece) && piece.scheduled) add(piece.from, "failureTime", length, piece);
  }
  for (const stop of stops) {
    const begun = scheduledOf(stop)[0];
    if (begun !== undefined) add(begun.from, isMinor(machine, stop) ? "minorStopCount" : "stopCount", 1);
    for (const failure of failuresOf(machine, stop)) {
      const scheduled = scheduledOf(failure);
      const [first, last] = [scheduled[0], scheduled.at(-1)];
      if (first === undefined || last === undefined) continue;
      add(first.from, "failureCount", 1);
      if (endOf(failure) === period.now) continue;
      add(last.to - 1, "repairCount", 1);
      add(last.to - 1, "repairTime", lengthOf(failure));
    }
  }
  const jobs = lastOfEachInstant(events.filter((event) => event.type === "job"));
  for (const { at, quantity, amount, startup, named } of countsOf(plant, machine, events)) {
    const piece = line.find((p) => p.from <= at && at < p.to);
    if (amount === 0 || (machine.overtime === "ignore" && piece?.scheduled === false)) continue; // CA-4
    const job = jobs.findLast((j) => j.at <= at);
    const { product, cycleUs } = ratesFor(plant, machine, job, named);
    const idealUs = idealOf(cycleUs, amount, machine.decimals);
    add(at, `${quantity}Count`, amount, undefined, product);
    add(at, "idealTimeUs", idealUs, undefined, product);
    if (quantity === "good") add(at, "idealGoodTimeUs", idealUs, undefined, product);
    else if (startup) add(at, "startupLossTimeUs", idealUs, undefined, product);
  }
  return [...rows.values()];
}

/** CN-5: ideal time, cycle × quantity, in whole microseconds; halves are rounded away from zero. */
function idealOf(cycleUs: number, smallestUnits: number, decimals: number): number {
  const unit = 10n ** BigInt(decimals);
  const size = BigInt(cycleUs) * BigInt(Math.abs(smallestUnits));
  const rounded = Number((size + unit / 2n) / unit);
  return smallestUnits < 0 ? 0 - rounded : rounded;
}

/** Section 6, CA-4: the time component, of the seven, to which an elementary interval belongs. */
function timeComponentOf(machine: Machine, piece: Elementary, minor: boolean): keyof Components {
  if (!piece.scheduled) {
    return piece.category === "production" && machine.overtime === "count" ? "runTime" : "notPlannedTime";
  }
  const components = {
    production: "runTime",
    unplannedStop: minor ? "minorStopTime" : "unplannedStopTime",
    setup: "setupTime",
    plannedStop: "plannedStopTime",
    notPlanned: "notPlannedTime",
    unknown: "unknownTime",
  } as const;
  return components[piece.category];
}

interface Counted {
  readonly at: number;
  readonly quantity: (typeof QUANTITIES)[number];
  /** In pieces (CN-6), as a whole number of the machine's smallest unit. */
  readonly amount: number;
  readonly startup: boolean;
  /** The product that the event names (CN-9). */
  readonly named: string | null;
}

/** CN-1, CN-2, CN-6 to CN-9: all counted quantities with their instants, from counts and from totals. */
function countsOf(plant: Plant, machine: Machine, events: readonly PlantEvent[]): Counted[] {
  const jobs = lastOfEachInstant(events.filter((event) => event.type === "job"));
  const piecesAt = (at: number, named: string | null): number =>
    ratesFor(
      plant,
      machine,
      jobs.findLast((j) => j.at <= at),
      named,
    ).pieces;
  const counts: Counted[] = [];
  const byTotals: Counted[] = [];
  for (const quantity of QUANTITIES) {
    for (const event of events) {
      if (event.type !== "count") continue;
      const { at, startup, product: named } = event;
      counts.push({ at, quantity, amount: (event[quantity] ?? 0) * piecesAt(at, named), startup, named });
    }
    for (const { total, counted } of differences(machine, events, quantity)) {
      const { at, startup, product: named } = total;
      byTotals.push({ at, quantity, amount: counted * piecesAt(at, named), startup, named });
    }
  }
  // CN-7: scrap is the produced quantity less good and rework of totals since the one it counts from.
  for (const { total, counted, since } of differences(machine, events, "produced")) {
    const { at, startup, product: named } = total;
    const other = byTotals.filter((c) => c.quantity !== "scrap" && c.at > since && c.at <= at);
    const amount = counted * piecesAt(at, named) - other.reduce((sum, c) => sum + c.amount, 0);
    counts.push({ at, quantity: "scrap", amount, startup, named });
  }
  return [...counts, ...byTotals];
}

interface Difference {
  readonly total: TotalEvent;
  readonly counted: number;
  /** The instant of the earlier total, from which `counted` is the difference. */
  readonly since: number;
}

/** CN-2, CN-8: the differences of totals that count, for one quantity. */
function differences(...of: Parameters<typeof judged>): Difference[] {
  return judged(...of).differences;
}

interface Judged {
  readonly differences: Difference[];
  /** Totals that were doubted, and that no later total confirmed. */
  readonly doubted: TotalEvent[];
}

function judged(
  machine: Machine,
  events: readonly PlantEvent[],
  quantity: (typeof QUANTITIES)[number] | "produced",
): Judged {
  // CN-2 says "per quantity": of two totals at one instant the later replaces the earlier only in the quantities that it has.
  const totals = events.filter((event) => event.type === "total").filter((event) => event[quantity] !== null);
  const found: Difference[] = [];
  const doubts: TotalEvent[] = [];
  let base: TotalEvent | null = null;
  let doubted: TotalEvent | null = null;
  for (const total of lastOfEachInstant(totals)) {
    const held = total[quantity] ?? 0;
    if (base === null) {
      base = total;
      continue;
    }
    const counted = plausibly(machine, base[quantity] ?? 0, base.at, held, total.at);
    if (counted !== null) {
      found.push({ total, counted, since: base.at });
      [base, doubted] = [total, null];
      continue;
    }
    const rise = doubted === null ? -1 : held - (doubted[quantity] ?? 0);
    if (doubted !== null && rise >= 0 && isPossible(machine, rise, total.at - doubted.at)) {
      found.push({ total, counted: rise, since: doubted.at });
      doubts.pop();
      [base, doubted] = [total, null];
    } else {
      doubted = total;
      doubts.push(total);
    }
  }
  return { differences: found, doubted: doubts };
}

/** The quantity that a total counts after an earlier one; `null` if the machine cannot have made so much in that time (CN-8). */
function plausibly(machine: Machine, old: number, oldAt: number, held: number, at: number): number | null {
  const counted = grown(machine, old, held);
  if (isPossible(machine, counted, at - oldAt)) return counted;
  return held < old && isPossible(machine, held, at - oldAt) ? held : null;
}

function isPossible(machine: Machine, units: number, ms: number): boolean {
  if (machine.maxRateMillionths === null) return true;
  const unit = 10n ** BigInt(machine.decimals);
  // The rule units <= rate × hours × unit + unit, multiplied by a million and by the milliseconds of an hour, in whole numbers.
  return BigInt(units - Number(unit)) * 3_600_000_000_000n <= BigInt(machine.maxRateMillionths) * BigInt(ms) * unit;
}

/** CN-2: what a total `held` counts after an earlier one, `old`: their difference, or after a rollover or a reset. */
function grown(machine: Machine, old: number, held: number): number {
  if (held >= old) return held - old;
  if (machine.rolloverAt !== null) {
    const rolled = held + machine.rolloverAt - old;
    if (rolled >= 0 && rolled < machine.rolloverAt / 2) return rolled;
  }
  return held;
}

function noComponents(): Components {
  return Object.fromEntries(COMPONENT_NAMES.map((name) => [name, 0])) as Components;
}
