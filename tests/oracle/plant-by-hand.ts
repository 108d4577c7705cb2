/** Builds a `Plant` from a small plant file without the model's parser. */
import {
  type Calendar,
  type Machine,
  type Plant,
  type ReasonTree,
  type ShiftRule,
  STATE_NAMES,
  STATES,
} from "@oee/model";
import type { ReasonFile, ShiftFile, SmallPlant } from "./plants.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export function plantByHand(small: SmallPlant): Plant {
  const timezone = small.timezone ?? "UTC";
  const calendar: Calendar | null =
    small.calendar == null
      ? null
      : {
          name: "c",
          shifts: small.calendar.shifts.map(rule),
          exceptions: new Map(
            (small.calendar.exceptions ?? []).map((e) => [e.date, "closed" in e ? [] : e.shifts.map(rule)]),
          ),
        };
  const micros = (s: number | null | undefined): number | null => (s == null ? null : Math.round(s * 1e6));
  const machine: Machine = {
    index: 0,
    id: "site/area/line/m",
    name: "m",
    site: "site",
    area: "area",
    line: "line",
    timezone,
    calendar,
    idealCycleUs: small.idealCycleSeconds === undefined ? 1_000_000 : micros(small.idealCycleSeconds),
    taktUs: micros(small.taktSeconds),
    costPerHour: small.costPerHour ?? null,
    minorStopThresholdMs: duration(small.minorStopThreshold ?? "5m"),
    staleAfterMs: small.staleAfter === undefined ? null : duration(small.staleAfter),
    rolloverAt: small.rolloverAt ?? null,
    overtime: small.overtime ?? "count",
    states: new Map(),
  };
  return {
    enterprise: "test",
    name: "test",
    timezone,
    version: "1",
    machines: [machine],
    machineById: new Map([[machine.id, machine]]),
    scopes: new Map(),
    products: new Map(
      Object.entries(small.products ?? {}).map(([id, p]) => [
        id,
        { id, name: id, idealCycleUs: micros(p.idealCycleSeconds), taktUs: micros(p.taktSeconds) },
      ]),
    ),
    reasons: tree(small.reasons ?? {}),
    categories: Object.fromEntries(
      STATE_NAMES.map((name) => [name, small.categories?.[name] ?? STATES[name].category]),
    ) as Plant["categories"],
    windows: [],
    currency: null,
  };
}

function rule(shift: ShiftFile): ShiftRule {
  const startMinute = minutes(shift.start);
  const after = (text: string): number => minutes(text) + (minutes(text) < startMinute ? 1440 : 0);
  const end = minutes(shift.end);
  return {
    name: shift.name,
    days: shift.days === undefined ? [1, 2, 3, 4, 5, 6, 7] : shift.days.split(",").map((d) => DAYS.indexOf(d) + 1),
    startMinute,
    endMinute: end <= startMinute ? end + 1440 : end,
    breaks: (shift.breaks ?? []).map((b) => {
      const from = after(b.start);
      const to = after(b.end);
      return { startMinute: from, endMinute: to <= from ? to + 1440 : to };
    }),
  };
}

function minutes(text: string): number {
  const [h = 0, m = 0] = text.split(":").map(Number);
  return h * 60 + m;
}

function duration(text: string | 0): number {
  if (text === 0) return 0;
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  const [, n, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  return Number(n) * (units[unit ?? ""] ?? Number.NaN);
}

function tree(children: Readonly<Record<string, ReasonFile>>): ReasonTree {
  return {
    children: new Map(
      Object.entries(children).map(([name, node]) => [
        name,
        { name, category: node.category ?? null, failure: node.failure ?? null, ...tree(node.children ?? {}) },
      ]),
    ),
  };
}
