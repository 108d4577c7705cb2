/**
 * A plant in which everything is as long as it can be: names, reasons, products, orders, durations of months, numbers
 * beyond all measure, every figure with something to say beside it. What fits here fits anywhere.
 */
import type { LiveElement, LiveWindow, PlantScope } from "@oee/protocol";
import { elementOf, machineOf, NOW, type Now, plantOf, type Scene, scope, windowOf } from "./plant-fixture.ts";

const DAY_MS = 86_400_000;
/** A machine that was forgotten in the autumn: its stop began in the year before. */
export const MONTHS_MS: number = 123 * DAY_MS - 5_000;
/** The longest that is still told to the second. */
const ALMOST_A_DAY_MS = DAY_MS - 60_000;

const NAME = "Leerflascheninspektor mit Bodenkontrolle und Ausleitstation";
const REASON = "Druckluftversorgung der Halle 7 ausgefallen, Instandhaltung wartet auf ein Ersatzteil";
const PRODUCT = "Apfel-Kirsch-Johannisbeer-Schorle ohne Zuckerzusatz, 24 x 0,33 l Mehrweg";
const UNIT = "Quadratmeter Gewebe, einfach gelegt";
const ORDER = "FA-2026-0000123456789-A/0001";

const STATES: readonly Now[] = ["noReason", "stop", "noData", "maintenance", "slow", "minor", "setup", "offShift"];

function longestWindow(more: { readonly stops?: number } = {}): LiveWindow {
  const window = windowOf({
    performance: 9.998,
    coverage: 0.624,
    produced: 98_765_432_109,
    scrap: 123_456,
    target: 123_456_789_012,
    stops: more.stops ?? 123_456,
    downtimeMs: MONTHS_MS,
  });
  return {
    ...window,
    components: { ...window.components, reworkCount: 234_567, minorStopCount: 123_456 },
    kpis: { ...window.kpis, mttr: MONTHS_MS },
  };
}

/** A machine in that state for months (`long`), or for almost a day. */
export function longestMachine(path: string, now: Now, long: boolean, stops?: number): LiveElement {
  const since = NOW - (long ? MONTHS_MS : ALMOST_A_DAY_MS);
  const machine = machineOf(now, 1, {
    since,
    lastEventAt: since,
    reason: now === "noReason" ? null : "utilities/air",
    reasonName: now === "noReason" ? null : REASON,
    product: "a",
    productName: PRODUCT,
    order: ORDER,
    idealCycleSeconds: 0.0001,
    rate: now === "slow" ? 12_345_678 : 98_765_432,
  });
  const window = longestWindow(stops === undefined ? {} : { stops });
  return { ...elementOf(scope(path, "machine", NAME, { unit: UNIT }), { machine }), windows: { shift: window } };
}

/** `lines` lines; the first has `machines` machines, in every state in turn. */
export function longestScene(lines: number, machines: number): Scene {
  const scopes: PlantScope[] = [
    scope("*", "enterprise", NAME, { unit: null }),
    scope("s", "site", NAME, { unit: UNIT }),
    scope("s/a", "area", NAME, { unit: null }),
  ];
  const elements: LiveElement[] = [];
  for (let l = 1; l <= lines; l++) {
    scopes.push(scope(`s/a/l${l}`, "line", NAME, { unit: UNIT }));
    for (let m = 1; m <= (l === 1 ? machines : 3); m++) {
      const path = `s/a/l${l}/m${m}`;
      scopes.push(scope(path, "machine", NAME, { unit: UNIT }));
      elements.push(longestMachine(path, STATES[(l + m - 2) % STATES.length] ?? "stop", m % 3 !== 0));
    }
  }
  for (const each of scopes) {
    if (each.kind === "machine") continue;
    const element = elementOf(each);
    const shift = element.shift === null ? null : { ...element.shift, name: REASON };
    elements.push({ ...element, shift, windows: { shift: longestWindow() } });
  }
  return { plant: plantOf(scopes), elements };
}
