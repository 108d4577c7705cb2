/**
 * A plant and the events of a morning for the tests of tablet and desk; the server is `oee start` itself. The plant has several
 * equal lines, so that each test of a file can use a line of its own.
 */
import { writeFileSync } from "node:fs";
import { newFolder, postLines, serve } from "../live/oee-process.ts";

export const MINUTE_MS = 60_000;
const LINES = 8;

function lineText(number: number): string {
  return `          l${number}:
            name: Line ${number}
            constraint: filler
            class: packing
            machines:
              filler: { name: Filler, idealCycleSeconds: 1, taktSeconds: 1.25, costPerHour: 1800 }
              labeller: { name: Labeller, idealCycleSeconds: 1, reasonAfter: 4m }
`;
}

/**
 * Without a calendar, and in the shifts of the odd line, all time is scheduled, so that figures do not depend on the hour at which the test runs. Years begin in
 * April, so that the name of a quarter is not that of the calendar's.
 */
function plantOf(lines: number): string {
  return `enterprise: acme
name: Acme
timezone: Europe/Berlin
currency: EUR
minorStopThreshold: 2m
periods: { yearStart: "04-01" }
targets: { oee: 0.75 }
sites:
  berlin:
    name: Berlin
    areas:
      packing:
        name: Packing
        lines:
${Array.from({ length: lines }, (_, i) => lineText(i + 1)).join("")}          odd:
            name: "Odd <b>=1+1</b>"
            calendar: twelve
            machines:
              press: { name: Press, idealCycleSeconds: 2 }
calendars:
  twelve:
    shifts:
      - { name: day, days: mon-sun, start: "06:00", end: "18:00" }
      - { name: night, days: mon-sun, start: "18:00", end: "06:00" }
reasons:
  mechanical:
    name: Mechanical
    failure: true
    children:
      conveyor: { name: Conveyor, children: { jam: { name: Conveyor jam }, belt: { name: Belt torn } } }
      seal: { name: Seal leaks }
  material: { name: Material, children: { none: { name: No material }, bad: { name: Bad material } } }
  setup: { name: Setup, category: setup }
  operator: { name: No operator }
  quality: { name: Quality check }
  energy: { name: No power }
  cleaning: { name: Cleaning }
  air: { name: No air }
  water: { name: No water }
  other: { name: Other, vague: true }
roles: [lead]
owners: [{ accountable: lead, responsible: [lead] }]
chains: { stop: [{ after: 0, to: responsible }] }
alerts: [{ id: long-stop, kind: stop, for: 10m, chain: stop, urgent: true }]
windows: [1h, 8h]
`;
}

export function stateAt(machine: string, at: number, state: string, reason?: string): object {
  return { type: "state", machine, at, state, ...(reason === undefined ? {} : { reason }) };
}

/** A line whose morning was sent. `ago` gives the instant (epoch ms) so many minutes before the whole minute at which it was sent. */
export interface Morning {
  readonly line: string;
  readonly filler: string;
  readonly labeller: string;
  readonly ago: (minutes: number) => number;
}

/**
 * Events of three hours up to now. The filler has three conveyor jams, a leaking seal, a stop of 20 min without reason, one with the
 * reason "other", a minor stop, and a stop that is still open; the labeller has a stop shorter than its `reasonAfter`.
 */
export function morningOf(
  line: string,
  now: number,
): { readonly morning: Morning; readonly events: readonly object[] } {
  const end = now - (now % MINUTE_MS);
  const ago = (minutes: number): number => end - minutes * MINUTE_MS;
  const [filler, labeller] = [`${line}/filler`, `${line}/labeller`];
  const say = (minutes: number, state: string, reason?: string): object => stateAt(filler, ago(minutes), state, reason);
  const events = [
    say(180, "running"),
    ...[170, 160, 150].flatMap((at) => [say(at, "down", "mechanical/conveyor/jam"), say(at - 3, "running")]),
    { type: "count", machine: filler, at: ago(145), good: 1_200, scrap: 30 },
    say(140, "down", "mechanical/seal"),
    say(136, "running"),
    say(120, "down"),
    say(100, "running"),
    { type: "count", machine: filler, at: ago(95), good: 900, scrap: 10 },
    say(90, "idle", "other"),
    say(80, "running"),
    say(70, "idle"),
    say(69, "running"),
    say(6, "down"),
    stateAt(labeller, ago(180), "running"),
    stateAt(labeller, ago(60), "down"),
    stateAt(labeller, ago(57), "running"),
  ];
  return { morning: { line, filler, labeller, ago }, events };
}

export interface PlantServer {
  readonly url: string;
  readonly send: (...events: readonly object[]) => Promise<void>;
  /** Sends the morning of the next line that no test has used yet. */
  readonly nextMorning: () => Promise<Morning>;
  readonly close: () => Promise<void>;
}

/** `lines`: as many as the tests of a file use. */
export async function startPlant(lines: number = LINES): Promise<PlantServer> {
  const folder = newFolder();
  writeFileSync(folder.path("plant.yaml"), plantOf(lines));
  const server = await serve([
    ...["start", "--plant", folder.path("plant.yaml"), "--data", folder.path("data"), "--log-level", "warn"],
  ]);
  const send = async (...events: readonly object[]): Promise<void> => {
    const { body } = await postLines(
      server.url,
      events.map((event) => JSON.stringify(event)),
    );
    if (body.accepted !== events.length) throw new Error(`not all of it was accepted: ${JSON.stringify(body)}`);
  };
  let used = 0;
  return {
    url: server.url,
    send,
    nextMorning: async () => {
      if (++used > lines) throw new Error(`the plant has but ${lines} lines`);
      const { morning, events } = morningOf(`berlin/packing/l${used}`, Date.now());
      await send(...events);
      return morning;
    },
    close: async () => {
      await server.end("SIGKILL");
      folder.remove();
    },
  };
}
