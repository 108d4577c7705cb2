/** Makes the live element of a scope as JSON text: its state now where it is a machine, and its windows as sums of its members' (EQ-3, P-1). */
import { kpisOf, Sums, throughputOf, type WindowNumbers } from "@oee/answers";
import type { CalendarClock } from "@oee/calendar";
import type { PlantModel } from "@oee/engine";
import type { Machine, Scope } from "@oee/model";
import type { GiveWay } from "@oee/pacing";
import type { LiveElement, LiveMachine, LiveShift, LiveWindow, TimelineSegment } from "@oee/protocol";
import { reasonNameOf } from "../answers/pareto-names.ts";
import type { MachinePicture, MachinePictures } from "./machine-picture.ts";

const MINUTE_MS = 60_000;
const TIMELINE_MS = 8 * 3_600_000;
const RATE_WINDOW = "15m";
const NO_TIMELINE = '"timeline":[]';
const NO_WINDOWS: readonly WindowNumbers[] = [];
/** The sum of one machine's window, from one line to the next: a sum of its own for each would be most of what an element leaves to be collected. */
const OF_MACHINE = new Sums();

/** The open alerts of a scope, and the number of its stops that need a reason. */
export type Attention = Pick<Required<LiveElement>, "alerts" | "needsReason">;

/** The element of a scope, as JSON text; that of a machine at once, for there is one machine to read. */
export function liveElement(
  model: PlantModel,
  pictures: MachinePictures,
  scope: Scope,
  windows: ReadonlySet<string>,
  now: number,
  giveWay: GiveWay,
  attention: Attention,
): string | Promise<string> {
  const [machine] = scope.machines;
  if (scope.kind === "machine" && machine !== undefined) {
    return machineElement(model, pictures.of(machine), scope, machine, windows, now, attention);
  }
  return windowsOf(scope, pictures, windows, giveWay).then((found) =>
    JSON.stringify(elementOf(model, scope, null, found, now, attention)),
  );
}

function machineElement(
  model: PlantModel,
  picture: MachinePicture,
  scope: Scope,
  machine: Machine,
  wanted: ReadonlySet<string>,
  now: number,
  attention: Attention,
): string {
  const windows: Record<string, LiveWindow> = {};
  for (const of of picture.windows ?? NO_WINDOWS) {
    if (!wanted.has(of.name)) continue;
    const sums = OF_MACHINE.clear().addNumbers(of, machine.costPerHour, picture.decimals);
    windows[of.name] = valueOf(scope, of.from, of.to, sums);
  }
  const element = elementOf(model, scope, liveMachine(model, machine, picture, now), windows, now, attention);
  const text = JSON.stringify(element);
  // Quotes within a text are escaped, so that this is the place.
  const at = text.indexOf(NO_TIMELINE) + NO_TIMELINE.length - 1;
  return `${text.slice(0, at)}${timelineText(picture, model.machine(machine).clock, now)}${text.slice(at)}`;
}

function elementOf(
  model: PlantModel,
  { path, kind, name, timezone, targets, unit, decimals, machines }: Scope,
  machine: LiveMachine | null,
  windows: LiveElement["windows"],
  now: number,
  { needsReason, alerts }: Attention,
): LiveElement {
  const [first] = machines;
  return {
    scope: path,
    kind,
    name,
    timezone: timezone.name,
    targets,
    unit,
    decimals,
    machine,
    windows,
    shift: first === undefined ? null : shiftAt(model.machine(first).clock, now),
    needsReason,
    alerts,
  };
}

/**
 * The brief of a machine, for displays of many machines: its state without figures. The rate has two digits and the last event
 * its minute, so that the brief changes when a display looks different and not with each count.
 */
export function briefElement(model: PlantModel, pictures: MachinePictures, scope: Scope, now: number): LiveElement {
  const { path, kind, name, timezone, unit, decimals } = scope;
  const [first] = scope.machines;
  const machine = first === undefined ? null : liveMachine(model, first, pictures.of(first), now);
  return {
    scope: path,
    kind,
    name,
    timezone: timezone.name,
    targets: {},
    unit,
    decimals,
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

/** What a machine does, without its timeline. */
function liveMachine(model: PlantModel, machine: Machine, picture: MachinePicture, now: number): LiveMachine {
  const { plant, clock } = { plant: model.plant, clock: model.machine(machine).clock };
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
    scheduled: clock.spanAt(now).scheduled,
    timeline: [],
    rate: rateOf(picture),
  };
}

/** Segments but the first and the last that are shown, as text: of a timeline they stay as they are. */
const between = new WeakMap<readonly TimelineSegment[], { readonly first: number; readonly text: string }>();

/**
 * The segments of the present shift, or of the last 8 h where there is none, as JSON text. The oldest begins where that does, the
 * newest ends at the record's instant.
 */
function timelineText({ record, timeline }: MachinePicture, clock: CalendarClock, now: number): string {
  const start = clock.spanAt(now).shift?.from ?? now - TIMELINE_MS;
  const last = timeline.length - 1;
  const endOf = (i: number): number => {
    const { to } = timeline[i] as TimelineSegment;
    return i === last && record !== null ? Math.max(to, record.now) : to;
  };
  let first = 0;
  while (first <= last && endOf(first) <= start) first++;
  if (first > last) return "";
  const textOf = (i: number): string => {
    const segment = timeline[i] as TimelineSegment;
    return JSON.stringify({ ...segment, from: Math.max(segment.from, start), to: endOf(i) });
  };
  if (first === last) return textOf(first);
  let known = between.get(timeline);
  if (known?.first !== first) {
    const texts = timeline.slice(first + 1, last).map((segment) => `${JSON.stringify(segment)},`);
    between.set(timeline, (known = { first, text: texts.join("") }));
  }
  return `${textOf(first)},${known.text}${textOf(last)}`;
}

function rateOf({ windows, decimals }: MachinePicture): number | null {
  const window = windows?.find(({ name }) => name === RATE_WINDOW) ?? windows?.[0];
  return window === undefined ? null : throughputOf(OF_MACHINE.clear().addNumbers(window, null, decimals));
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
