/**
 * The newest live record of a machine, written over the one before. Records come by the ten thousand a second: of each that stayed until
 * the next, V8 would move every object twice before the next comes, and then mark and sweep it.
 */
import type { LiveRecord, LiveRecordWindow } from "@oee/protocol";

type Mutable<Of> = { -readonly [Name in keyof Of]: Of[Name] };
type KeptWindow = Omit<Mutable<LiveRecordWindow>, "components" | "plannedByTakt"> & {
  readonly components: number[];
  plannedByTakt: [number, number][];
};

/** A copy of a live record; `keepOver` writes another one over it. */
export type KeptRecord = Mutable<LiveRecord>;

/** A copy that stays as it is. */
export function copyOf(record: LiveRecord): LiveRecord {
  return keptOf(record);
}

/** A copy that others are written over. */
export function keptOf(record: LiveRecord): KeptRecord {
  const { fineWindows } = record;
  const kept: KeptRecord = { ...record, windows: record.windows.map(keptWindowOf) };
  return fineWindows === undefined ? kept : { ...kept, fineWindows: fineWindows.map(keptWindowOf) };
}

/** `false`: the record says other things than the kept one (such as one of another release), which cannot be written over it. */
export function keepOver(kept: KeptRecord, record: LiveRecord): boolean {
  if (!saysTheSameThings(kept, record)) return false;
  kept.machine = record.machine;
  kept.now = record.now;
  kept.nextWithinMs = record.nextWithinMs;
  kept.plantVersion = record.plantVersion;
  kept.state = record.state;
  kept.category = record.category;
  kept.failure = record.failure;
  kept.minor = record.minor;
  kept.reason = record.reason;
  kept.since = record.since;
  kept.lastEventAt = record.lastEventAt;
  kept.product = record.product;
  kept.order = record.order;
  kept.idealCycleUs = record.idealCycleUs;
  kept.taktUs = record.taktUs;
  kept.scheduled = record.scheduled;
  kept.corrections = record.corrections;
  kept.recomputing = record.recomputing;
  kept.latency = record.latency;
  if (record.layout !== undefined) kept.layout = record.layout;
  if (record.decimals !== undefined) kept.decimals = record.decimals;
  if (record.part !== undefined) kept.part = record.part;
  if (record.correctedTo !== undefined) kept.correctedTo = record.correctedTo;
  if (record.doubts !== undefined) kept.doubts = record.doubts;
  keepWindowsOver(kept.windows, record.windows);
  if (kept.fineWindows !== undefined && record.fineWindows !== undefined) {
    keepWindowsOver(kept.fineWindows, record.fineWindows);
  }
  return true;
}

function saysTheSameThings(kept: LiveRecord, record: LiveRecord): boolean {
  return (
    (kept.layout === undefined) === (record.layout === undefined) &&
    (kept.decimals === undefined) === (record.decimals === undefined) &&
    (kept.part === undefined) === (record.part === undefined) &&
    (kept.correctedTo === undefined) === (record.correctedTo === undefined) &&
    (kept.doubts === undefined) === (record.doubts === undefined) &&
    (kept.fineWindows === undefined) === (record.fineWindows === undefined)
  );
}

function keptWindowOf({ name, from, to, components, plannedByTakt }: LiveRecordWindow): KeptWindow {
  return {
    name,
    from,
    to,
    components: components.slice(),
    plannedByTakt: plannedByTakt.map(([taktUs, ms]) => [taktUs, ms]),
  };
}

/** `kept`: of `keptOf`, whose windows are its own. */
function keepWindowsOver(kept: readonly LiveRecordWindow[], windows: readonly LiveRecordWindow[]): void {
  const over = kept as KeptWindow[];
  shorten(over, windows.length);
  for (let i = 0; i < windows.length; i++) {
    const window = windows[i] as LiveRecordWindow;
    const to = over[i];
    if (to === undefined) over.push(keptWindowOf(window));
    else keepWindowOver(to, window);
  }
}

function keepWindowOver(kept: KeptWindow, { name, from, to, components, plannedByTakt }: LiveRecordWindow): void {
  kept.name = name;
  kept.from = from;
  kept.to = to;
  shorten(kept.components, components.length);
  for (let place = 0; place < components.length; place++) kept.components[place] = components[place] as number;
  shorten(kept.plannedByTakt, plannedByTakt.length);
  for (let i = 0; i < plannedByTakt.length; i++) {
    const [taktUs, plannedMs] = plannedByTakt[i] as readonly [number, number];
    const over = kept.plannedByTakt[i];
    if (over === undefined) kept.plannedByTakt.push([taktUs, plannedMs]);
    else {
      over[0] = taktUs;
      over[1] = plannedMs;
    }
  }
}

/** To set a length, be it the one that it has, is a call out of optimized code. */
function shorten(list: unknown[], length: number): void {
  if (list.length > length) list.length = length;
}
