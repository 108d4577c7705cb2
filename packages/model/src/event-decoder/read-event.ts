/**
 * Makes an event, or a refusal, of a parsed JSON value: all checks of DI-2, in its order, with a detail that names the field.
 * This is the definition of an event. The fast path (`event-scanner.ts`) accepts a part of what this accepts, with the same
 * result; `agreement.test.ts` holds it to that.
 */
import type { PlantEvent } from "../event.ts";
import { IDEAL_TIME_US_MAX, NOTE_MAX, QUANTITY_MAX } from "./bounds.ts";
import type { Machine } from "../plant.ts";
import { decimalOf, PIECES_MAX } from "../decimal.ts";
import { microsecondsOf } from "../microseconds.ts";
import { formatInstant } from "../instant.ts";
import { normalizeStateName, type StateName } from "../state.ts";
import { correctionEvent, type CorrectionBody, countEvent, jobEvent, stateEvent, totalEvent } from "./events.ts";
import type { Quantities } from "./events.ts";
import { Fields, isJsonObject, type Source } from "./fields.ts";
import { type Refusal, shortened, shown } from "./refusal.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What is left to do once the fields are sound: find machine and state, and put the event together. */
interface Draft {
  /** The machine's word for the state, if the event has one. */
  readonly word: string | null;
  /** What a count brings; what may be too much for its machine. */
  readonly deltas?: Quantities;
  readonly make: (head: Head, state: StateName | null) => PlantEvent | null;
}

interface Head {
  readonly machine: Machine;
  readonly at: number;
  readonly id: string | null;
}

/**
 * `source`: the bytes of the object, when numbers in it may have more digits than doubles hold. `earliestMs`: the first
 * instant that is not `past`; `latestMs`: the last that is not `future`.
 */
export function readEvent(
  value: unknown,
  source: Source | null,
  vocabulary: Vocabulary,
  earliestMs: number,
  latestMs: number,
): PlantEvent | Refusal {
  if (!isJsonObject(value)) {
    return { code: "malformed", detail: `expected a JSON object, found ${shown(value)}` };
  }
  const fields = new Fields(value, source);
  const machineId = fields.text("machine") ?? fields.missing("machine", "a machine's id");
  const at = fields.instant("at") ?? fields.missing("at", "an instant");
  const id = fields.text("id");
  const machine = machineId === null ? undefined : vocabulary.machine(machineId);
  const draft = draftOf(fields, machine?.decimals ?? 0);
  if (fields.problem !== null || draft === null || machineId === null || at === null) {
    return { code: "invalid", detail: fields.problem ?? "not an event" };
  }
  if (machine === undefined) {
    return { code: "unknown-machine", detail: `machine: the plant has no ${shown(machineId)}` };
  }
  const tooMuch = draft.deltas === undefined ? null : tooMuchOf(draft.deltas, vocabulary.quantityMax(machine), machine);
  if (tooMuch !== null) return { code: "invalid", detail: tooMuch };
  const { word } = draft;
  const state = word === null ? null : vocabulary.stateIn(vocabulary.meanings(normalizeStateName(word)), machine);
  if (state === undefined) {
    return {
      code: "unknown-state",
      detail: `state: neither the state map of ${machine.id} nor ours has ${shown(word)}`,
    };
  }
  if (at > latestMs) {
    return {
      code: "future",
      detail: `at: ${formatInstant(at)} is after ${formatInstant(latestMs)}, the latest allowed`,
    };
  }
  if (at < earliestMs) {
    return {
      code: "past",
      detail: `at: ${formatInstant(at)} is before ${formatInstant(earliestMs)}, the earliest allowed: is the sender's clock right? An import of history names its own maxPast`,
    };
  }
  return draft.make({ machine, at, id }, state) ?? { code: "invalid", detail: "not an event" };
}

/** `decimals`: of the machine's quantities (CN-5); 0 for one that the plant lacks. */
function draftOf(fields: Fields, decimals: number): Draft | null {
  const type = fields.text("type");
  switch (type) {
    case "state":
      return stateDraft(fields);
    case "count":
      return countDraft(fields, decimals);
    case "job":
      return jobDraft(fields);
    case "correction":
      return correctionDraft(fields);
    default:
      return fields.refuse("type", `expected state, count, job or correction, found ${shown(type ?? undefined)}`);
  }
}

function stateDraft(fields: Fields): Draft | null {
  const word = fields.word("state") ?? fields.missing("state", "a state's name");
  const reason = fields.text("reason");
  return {
    word,
    make: ({ machine, at, id }, state) => (state === null ? null : stateEvent(machine, at, id, state, reason)),
  };
}

function countDraft(fields: Fields, decimals: number): Draft | null {
  const startup = fields.flag("startup") ?? false;
  const product = fields.text("product");
  const order = fields.text("order");
  const deltas = quantities(fields, decimals);
  const nested = fields.nested("total");
  if (nested === null) {
    if (isEmpty(deltas)) fields.refuse(null, "a count needs one of good, scrap, rework, or total");
    const { good, rework, produced } = deltas;
    const scrap = produced === null ? deltas.scrap : produced - (good ?? 0) - (rework ?? 0);
    if (scrap !== null && !Number.isSafeInteger(scrap)) {
      fields.refuse("produced", "expected a scrap (produced - good - rework) below 2^53 smallest units");
    }
    return {
      word: null,
      deltas: { ...deltas, scrap },
      make: ({ machine, at, id }) => countEvent(machine, at, id, good, scrap, rework, startup, product, order),
    };
  }
  const totals = quantities(nested, decimals);
  for (const name of ["good", "scrap", "rework", "produced"] as const) {
    const total = totals[name];
    if (total !== null && total < 0) {
      nested.refuse(name, `expected a total of 0 or more, found ${decimalOf(total, decimals)}`);
    }
  }
  fields.adopt(nested);
  if (!isEmpty(deltas)) fields.refuse(null, "a count has good, scrap, rework, or total, not both");
  if (isEmpty(totals)) fields.refuse("total", "needs one of good, scrap, rework");
  const { good, scrap, rework, produced } = totals;
  return {
    word: null,
    make: ({ machine, at, id }) => totalEvent(machine, at, id, good, scrap, rework, produced, startup, product, order),
  };
}

function quantities(fields: Fields, decimals: number): Quantities {
  const found = {
    good: fields.quantity("good", decimals),
    scrap: fields.quantity("scrap", decimals),
    rework: fields.quantity("rework", decimals),
    produced: fields.quantity("produced", decimals),
  };
  if (fields.has("produced") && !fields.has("good")) fields.refuse("produced", "expected good beside it (CN-7)");
  if (fields.has("produced") && fields.has("scrap")) {
    fields.refuse("produced", "expected no scrap beside it: scrap is produced - good - rework (CN-7)");
  }
  return found;
}

/** What one count brings can be summed for a century (`bounds.ts`). */
function tooMuchOf(deltas: Quantities, max: number, { idealCycleUs, decimals }: Machine): string | null {
  for (const name of ["good", "scrap", "rework"] as const) {
    const value = deltas[name];
    if (value === null || Math.abs(value) <= max) continue;
    const why = idealCycleUs === null || max === QUANTITY_MAX ? "" : ", which are 100 days of its ideal cycle,";
    return `${name}: expected at most ${decimalOf(max, decimals)} of this machine in one count${why} either way, found ${decimalOf(value, decimals)}`;
  }
  return null;
}

function isEmpty({ good, scrap, rework, produced }: Quantities): boolean {
  return good === null && scrap === null && rework === null && produced === null;
}

function jobDraft(fields: Fields): Draft | null {
  const product = fields.text("product") ?? fields.missing("product", "a product's id");
  const order = fields.text("order");
  const seconds = fields.decimal("idealCycleSeconds");
  const idealCycleUs = seconds === null ? null : microsecondsOf(seconds);
  if (seconds !== null && (idealCycleUs === null || idealCycleUs === 0 || idealCycleUs > IDEAL_TIME_US_MAX)) {
    fields.refuse(
      "idealCycleSeconds",
      `expected seconds above 0, from one microsecond to 100 days, found ${shortened(seconds)}`,
    );
  }
  const pieces = fields.whole("piecesPerCount");
  if (pieces !== null && (pieces < 1 || pieces > PIECES_MAX)) {
    fields.refuse("piecesPerCount", `expected a whole number from 1 to ${PIECES_MAX}, found ${pieces}`);
  }
  return {
    word: null,
    make: ({ machine, at, id }) =>
      product === null ? null : jobEvent(machine, at, id, product, order, idealCycleUs, pieces),
  };
}

function correctionDraft(fields: Fields): Draft | null {
  const from = fields.instant("from") ?? fields.missing("from", "an instant");
  const to = fields.instant("to") ?? fields.missing("to", "an instant");
  const word = fields.word("state");
  const reason = fields.text("reason");
  const clear = fields.flag("clear");
  const by = fields.text("by");
  const note = fields.text("note", NOTE_MAX);
  if (from === null || to === null) return null;
  if (from >= to)
    fields.refuse("from", `expected an instant before to, ${formatInstant(to)}, found ${formatInstant(from)}`);
  if (clear === false) fields.refuse("clear", "expected true, or no such field, found false");
  if (clear === null && word === null && reason === null) {
    fields.refuse(null, "a correction needs one of reason, state, clear");
  }
  if (clear !== null && (word !== null || reason !== null)) {
    fields.refuse(null, "a correction that clears gives neither a state nor a reason");
  }
  const body: CorrectionBody = { from, to, reason, clear: clear === true, by, note };
  return { word, make: ({ machine, at, id }, state) => correctionEvent(machine, at, id, state, body) };
}
