/**
 * The version of a plant (DI-3): a digest of all that bears on numbers, and of nothing else. Two files that give every
 * machine the same numbers have one version, whatever their order, comments, names and ways of inheritance.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { compareCodePoints } from "../order.ts";
import type { Calendar, Machine, Plant, Product, ReasonNode, Scope, ShiftRule, StateMap } from "../plant.ts";
import { STATE_NAMES } from "../state.ts";

/** 96 bits: no two versions of any plant will ever be taken for each other by chance. */
const DIGITS = 24;

type Json = string | number | boolean | null | readonly Json[];

export function versionOf(plant: Omit<Plant, "version">): string {
  const calendarDigests = new Map<Calendar, string>();
  const stateMapDigests = new Map<StateMap, string>();
  const machineParts = (machine: Machine): Json => [
    machine.id,
    machine.timezone.digest,
    machine.calendar === null ? null : remembered(calendarDigests, machine.calendar, calendarParts),
    machine.idealCycleUs,
    machine.taktUs,
    machine.costPerHour,
    machine.minorStopThresholdMs,
    machine.staleAfterMs,
    machine.rolloverAt,
    machine.overtime,
    remembered(stateMapDigests, machine.states, (states) => sorted([...states])),
  ];
  return digestOf([
    plant.timezone.digest,
    STATE_NAMES.map((state) => plant.categories[state]),
    sorted(plant.machines.map(machineParts)),
    sorted([...plant.scopes.values()].filter((scope) => scope.kind === "line").map(lineParts)),
    sorted([...plant.products.values()].flatMap(productParts)),
    reasonParts(plant.reasons.children),
  ]);
}

/** Calendars and state maps are shared by many machines: each is digested once. */
function remembered<Part>(digests: Map<Part, string>, part: Part, parts: (part: Part) => Json): string {
  const known = digests.get(part);
  if (known !== undefined) return known;
  const digest = digestOf(parts(part));
  digests.set(part, digest);
  return digest;
}

/** Which machines stand for a line settles which stand for every scope above it (EQ-3). */
function lineParts(line: Scope): Json {
  return [line.path, ...sorted(line.members.map((machine) => machine.id))];
}

/** A product without figures counts like one that the plant does not list. */
function productParts({ id, idealCycleUs, taktUs }: Product): readonly Json[] {
  return idealCycleUs === null && taktUs === null ? [] : [[id, idealCycleUs, taktUs]];
}

function calendarParts({ shifts, exceptions }: Calendar): Json {
  return [
    sorted(shifts.map(shiftParts)),
    sorted([...exceptions].map(([date, shiftsThen]) => [date, ...sorted(shiftsThen.map(shiftParts))])),
  ];
}

function shiftParts({ name, days, startMinute, endMinute, breaks }: ShiftRule): Json {
  return [name, days, startMinute, endMinute, sorted(breaks.map((pause) => [pause.startMinute, pause.endMinute]))];
}

/** A node that sets nothing and leads to none that does counts like a path that the tree lacks (TL-6). */
function reasonParts(nodes: ReadonlyMap<string, ReasonNode>): readonly Json[] {
  return sorted(
    [...nodes].flatMap(([key, { category, failure, children }]) => {
      const below = reasonParts(children);
      return category === null && failure === null && below.length === 0 ? [] : [[key, category, failure, below]];
    }),
  );
}

function sorted(parts: readonly Json[]): readonly Json[] {
  const keyed = parts.map((part) => ({ part, key: JSON.stringify(part) }));
  return keyed.toSorted((a, b) => compareCodePoints(a.key, b.key)).map(({ part }) => part);
}

function digestOf(parts: Json): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(parts)))).slice(0, DIGITS);
}
