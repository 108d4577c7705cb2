/**
 * The version of a plant (DI-3): a digest of all that bears on numbers, and of nothing else. Two files that give every
 * machine the same numbers have one version, whatever their order, comments, names and ways of inheritance.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Calendar, Machine, Plant, Product, ShiftRule, StateMap } from "../plant.ts";
import {
  machinePolicy,
  plantPolicy,
  type Policy,
  type PolicyValue,
  productPolicy,
  sortedParts,
  stateMapPolicy,
} from "./policy.ts";

/** 96 bits: no two versions of any plant will ever be taken for each other by chance. */
const DIGITS = 24;

export function versionOf(plant: Omit<Plant, "version">): string {
  const calendarDigests = new Map<Calendar, string>();
  const stateMapDigests = new Map<StateMap, string>();
  const machineParts = (machine: Machine): PolicyValue => {
    const { idealCycle = null, ...policy } = machinePolicy(machine);
    const calendar = machine.calendar === null ? null : remembered(calendarDigests, machine.calendar, calendarParts);
    const {
      costPerHour = null,
      minorStopThreshold = null,
      staleAfter = null,
      rolloverAt = null,
      overtime = null,
    } = policy;
    const states = remembered(stateMapDigests, machine.states, stateMapPolicy);
    const first = [costPerHour, minorStopThreshold, staleAfter, rolloverAt, overtime];
    return [
      machine.id,
      machine.timezone.digest,
      calendar,
      idealCycle,
      machine.taktUs,
      ...first,
      states,
      ...laterParts(policy),
      // Where it is settles which lines and sites it counts for.
      ...(machine.path === machine.id ? [] : [["path", machine.path]]),
    ];
  };
  const { categories = null, constraints = null, reasons = null } = plantPolicy(plant);
  return digestOf([
    plant.timezone.digest,
    categories,
    sortedParts(plant.machines.map(machineParts)),
    constraints,
    sortedParts([...plant.products.values()].flatMap(productParts)),
    reasons,
    ...periodParts(plant),
  ]);
}

/** Where periods begin otherwise than ISO's (PE-5). */
function periodParts({ scopes }: Pick<Plant, "scopes">): readonly PolicyValue[] {
  const parts = [...scopes.values()].flatMap(({ kind, path, periods }): PolicyValue[] => {
    if (kind !== "enterprise" && kind !== "site") return [];
    const { dayStartMinute, weekStart, yearStartMonth } = periods;
    const isDefault = dayStartMinute === 0 && weekStart === 1 && yearStartMonth === 1;
    return isDefault ? [] : [[path, dayStartMinute, weekStart, yearStartMonth]];
  });
  return parts.length === 0 ? [] : [sortedParts(parts)];
}

/** Settings of a machine in release 0.1.0 have their places in the digest. */
const FIRST_SETTINGS: ReadonlySet<string> = new Set([
  "costPerHour",
  "minorStopThreshold",
  "staleAfter",
  "rolloverAt",
  "overtime",
]);

/** All others come by name. */
function laterParts(policy: Policy): readonly PolicyValue[] {
  return Object.entries(policy).filter(([name]) => !FIRST_SETTINGS.has(name));
}

/** Calendars and state maps are shared by many machines: each is digested once. */
function remembered<Part>(digests: Map<Part, string>, part: Part, parts: (part: Part) => PolicyValue): string {
  const known = digests.get(part);
  if (known !== undefined) return known;
  const digest = digestOf(parts(part));
  digests.set(part, digest);
  return digest;
}

/** A product without figures counts like one that the plant does not list. */
function productParts(product: Product): readonly PolicyValue[] {
  const { idealCycle = null, ...later } = productPolicy(product);
  const parts = [idealCycle, product.taktUs, ...laterParts(later)];
  return parts.every((part) => part === null) ? [] : [[product.id, ...parts]];
}

function calendarParts({ shifts, exceptions }: Calendar): PolicyValue {
  return [
    sortedParts(shifts.map(shiftParts)),
    sortedParts([...exceptions].map(([date, shiftsThen]) => [date, ...sortedParts(shiftsThen.map(shiftParts))])),
  ];
}

function shiftParts({ name, days, cycle, startMinute, endMinute, breaks }: ShiftRule): PolicyValue {
  const turns = cycle === null ? [] : [cycle.startDay, cycle.days, cycle.on];
  const pauses = sortedParts(breaks.map((pause) => [pause.startMinute, pause.endMinute]));
  return [name, days, startMinute, endMinute, pauses, ...turns];
}

function digestOf(parts: PolicyValue): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(parts)))).slice(0, DIGITS);
}
