/**
 * Writes the live element of a scope as JSON: its state now where it is a machine, and its windows as sums of its members' (EQ-3, P-1).
 * That of a machine is written number by number, between pieces that stay as they are: thousands of machines change twice a second,
 * and as objects and texts most of it would be left to be collected.
 */
import { kpisOf, Sums, throughputOf, type WindowNumbers } from "@oee/answers";
import type { CalendarClock, CalendarSpan } from "@oee/calendar";
import type { PlantModel } from "@oee/engine";
import type { Machine, Plant, Scope } from "@oee/model";
import type { GiveWay } from "@oee/pacing";
import type { LiveElement, LiveMachine, LiveShift, LiveWindow, TimelineSegment } from "@oee/protocol";
import { reasonNameOf } from "../answers/pareto-names.ts";
import { writeFigures } from "../figures-json.ts";
import { JsonBytes, jsonPiece } from "../json-bytes.ts";
import type { MachinePicture, MachinePictures } from "./machine-picture.ts";

const MINUTE_MS = 60_000;
const TIMELINE_MS = 8 * 3_600_000;
const RATE_WINDOW = "15m";
const NO_WINDOWS: readonly WindowNumbers[] = [];
/** The sum of one machine's window, from one line to the next: a sum of its own for each would be most of what an element leaves to be collected. */
const OF_MACHINE = new Sums();

/** The open alerts of a scope, and the number of its stops that need a reason. */
export type Attention = Pick<Required<LiveElement>, "alerts" | "needsReason">;

/** The element of a scope, as JSON text. */
export async function liveElement(
  model: PlantModel,
  pictures: MachinePictures,
  scope: Scope,
  windows: ReadonlySet<string>,
  now: number,
  giveWay: GiveWay,
  attention: Attention,
): Promise<string> {
  const out = new JsonBytes();
  await writeElement(out, model, pictures, scope, windows, now, giveWay, attention);
  return out.toString();
}

/**
 * Writes the element of a scope: that of a machine at once (`null`), for there is one machine to read; any other when the promise is
 * kept, and nothing before.
 */
export function writeElement(
  out: JsonBytes,
  model: PlantModel,
  pictures: MachinePictures,
  scope: Scope,
  windows: ReadonlySet<string>,
  now: number,
  giveWay: GiveWay,
  attention: Attention,
): Promise<void> | null {
  const [machine] = scope.machines;
  if (scope.kind === "machine" && machine !== undefined) {
    writeMachineElement(out, model, pictures.of(machine), scope, machine, windows, now, attention);
    return null;
  }
  return windowsOf(scope, pictures, windows, giveWay).then((found) => {
    out.json(JSON.stringify(elementOf(model, scope, found, now, attention)));
  });
}

/** Pieces of a machine's element as they were written last. */
interface Pieces {
  readonly plant: Plant;
  /** What the plant file says of it. */
  readonly head: Uint8Array;
  machine: LiveMachine | null;
  /** What the machine said that has not changed for a while. */
  steady: Uint8Array;
  timeline: readonly TimelineSegment[];
  /** The first segment that is shown. */
  first: number;
  /** Of the timeline, what lies between where the first segment begins and where the last one ends, and what comes after. */
  between: Uint8Array;
  after: Uint8Array;
}

const NOTHING = jsonPiece("");
const NO_SEGMENTS: readonly TimelineSegment[] = [];
const PIECES = new WeakMap<Scope, Pieces>();

function piecesOf(plant: Plant, scope: Scope): Pieces {
  let pieces = PIECES.get(scope);
  if (pieces?.plant === plant) return pieces;
  const head = jsonPiece(`${JSON.stringify(headOf(scope)).slice(0, -1)},"machine":`);
  const none = { steady: NOTHING, between: NOTHING, after: NOTHING, timeline: NO_SEGMENTS, first: 0 };
  PIECES.set(scope, (pieces = { plant, head, machine: null, ...none }));
  return pieces;
}

const LAST_EVENT_AT = jsonPiece(',"lastEventAt":');
const TIMELINE = jsonPiece(',"timeline":[');
const SEGMENT_FROM = jsonPiece('{"from":');
const RATE = jsonPiece('],"rate":');
const WINDOWS = jsonPiece('},"windows":{');
const SHIFT = jsonPiece('},"shift":');
const NEEDS_REASON = jsonPiece(',"needsReason":');
const ALERTS = jsonPiece(',"alerts":');
const NO_ALERTS = jsonPiece("[]");
const END = jsonPiece("}");

function writeMachineElement(
  out: JsonBytes,
  model: PlantModel,
  picture: MachinePicture,
  scope: Scope,
  machine: Machine,
  wanted: ReadonlySet<string>,
  now: number,
  { needsReason, alerts }: Attention,
): void {
  const pieces = piecesOf(model.plant, scope);
  const calendar = presentOf(model.machine(machine).clock, now);
  const says = liveMachine(model.plant, machine, picture, calendar.span.scheduled);
  if (pieces.machine === null || !saysTheSame(pieces.machine, says)) {
    const { lastEventAt: _at, timeline: _timeline, rate: _rate, ...steady } = says;
    pieces.machine = says;
    pieces.steady = jsonPiece(JSON.stringify(steady).slice(0, -1));
  }
  out.piece(pieces.head).piece(pieces.steady).field(LAST_EVENT_AT, says.lastEventAt).piece(TIMELINE);
  writeTimeline(out, pieces, picture, calendar.span.shift?.from ?? now - TIMELINE_MS);
  out.field(RATE, says.rate).piece(WINDOWS);
  let separator = NOTHING;
  for (const of of picture.windows ?? NO_WINDOWS) {
    if (!wanted.has(of.name)) continue;
    const sums = OF_MACHINE.clear().addNumbers(of, machine.costPerHour, picture.decimals);
    writeWindow(out.piece(separator), of.name, valueOf(scope, of.from, of.to, sums));
    separator = COMMA;
  }
  out.piece(SHIFT).piece(calendar.shift).field(NEEDS_REASON, needsReason).piece(ALERTS);
  if (alerts.length === 0) out.piece(NO_ALERTS);
  else out.json(JSON.stringify(alerts));
  out.piece(END);
}

function saysTheSame(a: LiveMachine, b: LiveMachine): boolean {
  return (
    a.state === b.state &&
    a.since === b.since &&
    a.category === b.category &&
    a.minor === b.minor &&
    a.failure === b.failure &&
    a.reason === b.reason &&
    a.product === b.product &&
    a.order === b.order &&
    a.idealCycleSeconds === b.idealCycleSeconds &&
    a.taktSeconds === b.taktSeconds &&
    a.scheduled === b.scheduled
  );
}

const COMMA = jsonPiece(",");
const WINDOW_FROM = jsonPiece(':{"from":');
const WINDOW_TO = jsonPiece(',"to":');

function writeWindow(out: JsonBytes, windowName: string, { from, to, components, kpis }: LiveWindow): void {
  out.json(JSON.stringify(windowName)).field(WINDOW_FROM, from).field(WINDOW_TO, to).piece(COMMA);
  writeFigures(out, components, kpis);
  out.piece(END);
}

function headOf({ path, kind, name, timezone, targets, unit, decimals }: Scope): ScopeHead {
  return { scope: path, kind, name, timezone: timezone.name, targets, unit, decimals };
}

type ScopeHead = Pick<LiveElement, "scope" | "kind" | "name" | "timezone" | "targets" | "unit" | "decimals">;

/** The element of a scope that is no machine. */
function elementOf(
  model: PlantModel,
  scope: Scope,
  windows: LiveElement["windows"],
  now: number,
  { needsReason, alerts }: Attention,
): LiveElement {
  const [first] = scope.machines;
  const shift = first === undefined ? null : shiftAt(model.machine(first).clock, now);
  return { ...headOf(scope), machine: null, windows, shift, needsReason, alerts };
}

/**
 * The brief of a machine, for displays of many machines: its state without figures. The rate has two digits and the last event
 * its minute, so that the brief changes when a display looks different and not with each count.
 */
export function briefElement(model: PlantModel, pictures: MachinePictures, scope: Scope, now: number): LiveElement {
  const [first] = scope.machines;
  const machine =
    first === undefined
      ? null
      : liveMachine(model.plant, first, pictures.of(first), model.machine(first).clock.spanAt(now).scheduled);
  return {
    ...headOf(scope),
    targets: {},
    machine:
      machine === null
        ? null
        : {
            ...machine,
            rate: machine.rate === null ? null : Number(machine.rate.toPrecision(2)),
            // Rounded up to the end of the minute, so that the event never looks older than it is.
            lastEventAt: machine.lastEventAt === null ? null : Math.ceil(machine.lastEventAt / MINUTE_MS) * MINUTE_MS,
          },
    windows: {},
    shift: null,
  };
}

async function windowsOf(
  scope: Scope,
  pictures: MachinePictures,
  wanted: ReadonlySet<string>,
  giveWay: GiveWay,
): Promise<LiveElement["windows"]> {
  const found = new Map<string, { from: number; to: number; readonly sums: Sums }>();
  for (const machine of scope.members) {
    if (giveWay.due) await giveWay.now();
    const { windows, decimals } = pictures.of(machine);
    // A sum without one of the scope's machines would be wrong: the scope has no figures until all can be read.
    if (windows === null) return {};
    for (const of of windows) {
      const { name, from, to } = of;
      if (!wanted.has(name)) continue;
      let window = found.get(name);
      if (window === undefined) found.set(name, (window = { from, to, sums: new Sums() }));
      window.from = Math.min(window.from, from);
      window.to = Math.max(window.to, to);
      window.sums.addNumbers(of, machine.costPerHour, decimals);
    }
  }
  return Object.fromEntries([...found].map(([name, { from, to, sums }]) => [name, valueOf(scope, from, to, sums)]));
}

function valueOf({ rated }: Scope, from: number, to: number, sums: Sums): LiveWindow {
  const components = sums.components();
  return { from, to, components, kpis: kpisOf(sums, rated, components) };
}

/** What a machine does, without its timeline. `scheduled`: whether the calendar has it work now. */
function liveMachine(plant: Plant, machine: Machine, picture: MachinePicture, scheduled: boolean): LiveMachine {
  const { record, stale } = picture;
  const product = record?.product ?? null;
  const idealCycleUs = record === null ? machine.idealCycleUs : record.idealCycleUs;
  const taktUs = record === null ? machine.taktUs : record.taktUs;
  const current = stale ? null : record;
  const reason = current?.reason ?? null;
  return {
    state: current?.state ?? "unknown",
    category: current?.category ?? "unknown",
    minor: current?.minor ?? null,
    failure: current?.failure ?? false,
    reason,
    reasonName: reason === null ? null : reasonNameOf(plant.reasons, reason),
    // The machine is unknown since its last record.
    since: stale && record !== null ? record.now : (record?.since ?? null),
    lastEventAt: record?.lastEventAt ?? null,
    product,
    productName: product === null ? null : (plant.products.get(product)?.name ?? product),
    order: record?.order ?? null,
    idealCycleSeconds: idealCycleUs === null ? null : idealCycleUs / 1e6,
    taktSeconds: taktUs === null ? null : taktUs / 1e6,
    scheduled,
    timeline: NO_SEGMENTS,
    rate: rateOf(picture),
  };
}

/**
 * Writes the segments of the present shift, or of the last 8 h where there is none, which began at `start` (epoch ms). The oldest
 * begins where that does, the newest ends at the record's instant.
 */
function writeTimeline(out: JsonBytes, pieces: Pieces, { record, timeline }: MachinePicture, start: number): void {
  const last = timeline.length - 1;
  const endOf = (i: number): number => {
    const { to } = timeline[i] as TimelineSegment;
    return i === last && record !== null ? Math.max(to, record.now) : to;
  };
  let first = 0;
  while (first <= last && endOf(first) <= start) first++;
  if (first > last) return;
  if (pieces.timeline !== timeline || pieces.first !== first) {
    pieces.timeline = timeline;
    pieces.first = first;
    let between = ',"to":';
    for (let i = first; i < last; i++) {
      const { to } = timeline[i] as TimelineSegment;
      const { from } = timeline[i + 1] as TimelineSegment;
      between += `${JSON.stringify(to)}${afterEnd(timeline[i] as TimelineSegment)},{"from":${JSON.stringify(from)},"to":`;
    }
    pieces.between = jsonPiece(between);
    pieces.after = jsonPiece(afterEnd(timeline[last] as TimelineSegment));
  }
  const { from } = timeline[first] as TimelineSegment;
  out.field(SEGMENT_FROM, Math.max(from, start)).field(pieces.between, endOf(last)).piece(pieces.after);
}

/** What a segment says after where it ends, as JSON. */
function afterEnd({ from: _from, to: _to, ...rest }: TimelineSegment): string {
  return `,${JSON.stringify(rest).slice(1)}`;
}

function rateOf({ windows, decimals }: MachinePicture): number | null {
  const window = windows?.find(({ name }) => name === RATE_WINDOW) ?? windows?.[0];
  return window === undefined ? null : throughputOf(OF_MACHINE.clear().addNumbers(window, null, decimals));
}

/** What a calendar says of an instant, and the shift as JSON. */
interface Present {
  readonly span: CalendarSpan;
  readonly shift: Uint8Array;
}

const PRESENT = new WeakMap<CalendarClock, Present>();

/** Made once for each span: whether a shift has another break is looked for through the rest of it. */
function presentOf(clock: CalendarClock, now: number): Present {
  const span = clock.spanAt(now);
  const known = PRESENT.get(clock);
  if (known?.span === span && now > span.from) return known;
  const present = { span, shift: jsonPiece(JSON.stringify(shiftAt(clock, now))) };
  // At its very beginning a break is the next one, and not after.
  if (now > span.from) PRESENT.set(clock, present);
  return present;
}

function shiftAt(clock: CalendarClock, now: number): LiveShift | null {
  const { shift } = clock.spanAt(now);
  if (shift === null) return null;
  let nextBreak: LiveShift["nextBreak"] = null;
  for (let at = now; at < shift.to && nextBreak === null; ) {
    const span = clock.spanAt(at);
    if (!span.scheduled && span.from >= now) nextBreak = { from: span.from, to: span.to };
    at = span.to;
  }
  return { name: shift.name, date: shift.date, from: shift.from, to: shift.to, nextBreak };
}
