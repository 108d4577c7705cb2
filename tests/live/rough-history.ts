/**
 * Random histories with every disturbance: events late by up to six hours, repeats, totals that cannot be true, late jobs, corrections
 * and corrections that clear them. They have machines of every kind: by states or by pulses (TL-9), with totals or deltas, `produced`
 * beside `good` (CN-7), decimals, doubts (CN-8). The same seed gives the same history.
 */
import { type Machine, type Plant } from "@oee/model";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Numbers of [0, 1), the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed * 0x9e37_79b9;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A plant file (YAML) with a machine of each kind, their names beginning with a text. */
export function roughPlantFile(prefix: string): string {
  return `enterprise: e
staleAfter: 40m
minorStopThreshold: 5m
sites:
  s:
    calendar: two
    areas:
      a:
        lines:
          l:
            machines:
              ${prefix}total: { idealCycleSeconds: 7 }
              ${prefix}delta: { idealCycleSeconds: 11, taktSeconds: 15 }
              ${prefix}pulse: { idealCycleSeconds: 9, pulseGap: 6m }
              ${prefix}produced: { idealCycleSeconds: 5, pulseGap: 12m, decimals: 1, maxRatePerHour: 2000 }
calendars:
  two:
    shifts:
      - { name: early, start: "05:00", end: "09:30" }
      - { name: late, start: "09:30", end: "14:00", breaks: [{ start: "11:00", end: "11:20" }] }
      - { name: evening, start: "14:00", end: "22:00", breaks: [{ start: "18:00", end: "18:30" }] }
      - { name: night, start: "22:00", end: "05:00" }
windows: [15m, 8h]
`;
}

export function roughPlant(prefix: string): Plant {
  return plantFrom(roughPlantFile(prefix));
}

export interface Line {
  readonly machine: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** When the event reaches the log (epoch ms). */
  readonly arrives: number;
}

type Fields = Readonly<Record<string, unknown>>;
type Random = () => number;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The events of all machines within a span of some hours, in the order of the log. */
export function roughHistory(plant: Plant, random: Random, span: Span): Line[] {
  return plant.machines
    .flatMap((machine) => [...eventsOf(machine, random, span), ...correctionsOf(machine, random, span)])
    .sort((a, b) => a.arrives - b.arrives);
}

function eventsOf({ id: machine, pulseGapMs }: Machine, random: Random, { start, end }: Span): Line[] {
  const lines: Line[] = [];
  const saysTotals = machine.endsWith("total") || machine.endsWith("produced");
  const onlyPulses = machine.endsWith("pulse");
  const spacingMs = (pulseGapMs === null ? 14 : 9) * MINUTE_MS;
  const total = { good: 0, produced: 0 };
  for (let at = start + random() * 10 * MINUTE_MS; at < end; at += MINUTE_MS + random() * spacingMs) {
    const instant = Math.floor(at);
    const arrives = Math.min(end, instant + (random() < 0.12 ? random() * 6 * HOUR_MS : random() * 2_000));
    const kind = random();
    let fields: Fields;
    if (kind < 0.1) fields = { type: "job", product: pick(random, "cola", "water", "lemon"), idealCycleSeconds: 5 };
    else if (kind < 0.5 && !onlyPulses) {
      fields = {
        type: "state",
        state: pick(random, "running", "running", "down", "idle", "setup"),
        ...reasonOf(random),
      };
    } else if (saysTotals) fields = { type: "count", total: totalOf(machine, total, random) };
    else fields = { type: "count", good: Math.floor(random() * 90), scrap: Math.floor(random() * 3) };
    const line = { machine, arrives, fields: { ...fields, at: instant, id: `e${instant}` } };
    lines.push(line);
    // The event is sent twice: a repeat (CN-4).
    if (random() < 0.06) lines.push({ ...line, arrives: Math.min(end, arrives + random() * HOUR_MS) });
  }
  return lines;
}

/** The next running totals; now and then one that the machine cannot have made, or one that began anew. */
function totalOf(machine: string, total: { good: number; produced: number }, random: Random): Fields {
  const kind = random();
  if (kind < 0.03) total.good = total.produced = 0;
  total.good += Math.floor(random() * 100);
  total.produced = Math.max(total.produced, total.good) + Math.floor(random() * 4);
  if (!machine.endsWith("produced")) return { good: total.good };
  const wild = kind > 0.95 ? 1e6 : 0;
  return { good: total.good + 0.5 + wild, produced: total.produced + 0.7 + wild };
}

function correctionsOf({ id: machine }: Machine, random: Random, { start, end }: Span): Line[] {
  const lines: Line[] = [];
  for (let i = 0; i < 5; i++) {
    const from = Math.floor(start + random() * (end - start - HOUR_MS));
    const span = { from, to: Math.floor(from + (5 + random() * 50) * MINUTE_MS) };
    const arrives = Math.max(span.to, start + random() * (end - start));
    const word = pick(random, { state: "down", reason: "jam" }, { reason: "jam" }, { state: "running" });
    const correction = { type: "correction", ...span, by: "anna" };
    lines.push({ machine, arrives, fields: { ...correction, ...word, at: Math.floor(arrives), id: `c${i}` } });
    // Cleared some time later, as if the correction had never been made.
    if (random() < 0.7) {
      const undone = Math.min(end, arrives + random() * 2 * HOUR_MS);
      const fields = { ...correction, clear: true, at: Math.floor(undone), id: `u${i}` };
      lines.push({ machine, arrives: undone, fields });
    }
  }
  return lines;
}

function pick<T>(random: Random, ...of: readonly T[]): T {
  return of[Math.floor(random() * of.length)] as T;
}

function reasonOf(random: Random): { readonly reason?: string } {
  return random() < 0.3 ? { reason: "jam" } : {};
}
