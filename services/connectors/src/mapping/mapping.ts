/**
 * How a machine's events are made of its signals: one small vocabulary for every protocol. A state comes from one signal
 * through the plant's state map, or from several by conditions in order; quantities come as running totals, which survive
 * every gap, or as deltas; a job names what is made.
 */
import {
  ANY_TEXT,
  didYouMean,
  entriesOf,
  fieldsOf,
  itemsOf,
  optional,
  quote,
  textOf,
  unexpected,
  type Problems,
  type Value,
} from "@oee/model/settings-file";
import type { Counting } from "../port.ts";

export const QUANTITIES = ["good", "scrap", "rework", "produced"] as const;

export type Quantity = (typeof QUANTITIES)[number];

export interface Mapping {
  readonly machine: string;
  readonly state: StateMapping | null;
  /** Signals of running totals, by quantity. */
  readonly totals: ReadonlyMap<Quantity, string>;
  readonly deltas: ReadonlyMap<Quantity, string>;
  /** Signals that are on for a moment for each piece, such as a photo-eye's. */
  readonly pulses: ReadonlyMap<Quantity, string>;
  readonly product: string | null;
  readonly order: string | null;
  /** Signals of a job's own ideal cycle and pieces per count, which an ERP may know. */
  readonly idealCycleSeconds: string | null;
  readonly piecesPerCount: string | null;
}

export type StateMapping =
  | { readonly kind: "signal"; readonly signal: string; readonly reason: ReasonMapping | null }
  | { readonly kind: "conditions"; readonly conditions: readonly Condition[] }
  /** Signals of nested state machines, outermost first. */
  | {
      readonly kind: "packml";
      readonly signals: readonly string[];
      /** Signals of machines inside of a state that say why it is so, as those of Weihenstephan: by the state's name. */
      readonly inner: ReadonlyMap<"held" | "suspended", string>;
      readonly reason: ReasonMapping | null;
    };

export interface Condition {
  /** `null`: always. It holds when the signal's value is alike (`alikeOf`) to one of `is`, or, without them, true or not 0. */
  readonly when: string | null;
  readonly is: readonly string[] | null;
  readonly state: string;
  readonly reason: string | ReasonMapping | null;
}

/** A reason by a code that a signal holds; a code that the table lacks gives none. */
export interface ReasonMapping {
  readonly signal: string;
  readonly codes: ReadonlyMap<string, string>;
}

export const MAPPING_KEYS = [
  "state",
  "reason",
  "totals",
  "deltas",
  "pulses",
  "product",
  "order",
  "idealCycleSeconds",
  "piecesPerCount",
] as const;

/** The fields of a machine, besides its `signals`, whose names they use. */
export function readMapping(
  machine: string,
  fields: Partial<Readonly<Record<(typeof MAPPING_KEYS)[number], Value>>>,
  signals: ReadonlySet<string>,
  problems: Problems,
): Mapping {
  const signalIn = (value: Value): string | null => {
    const name = textOf(value, "the name of a signal", problems);
    if (name === null || signals.has(name)) return name;
    problems.add(value, quote(name), `a signal of this machine: ${didYouMean(name, [...signals])}`);
    return null;
  };
  const reason = optional(fields.reason, (value) => reasonMapping(value, signalIn, problems));
  const totals = quantitiesIn(fields.totals, signalIn, problems);
  const deltas = quantitiesIn(fields.deltas, signalIn, problems);
  const pulses = quantitiesIn(fields.pulses, signalIn, problems);
  const ways = [totals, deltas, pulses];
  for (const [i, value] of [fields.totals, fields.deltas, fields.pulses].entries()) {
    const twice = [...(ways[i]?.keys() ?? [])].find((name) => ways.slice(0, i).some((earlier) => earlier.has(name)));
    if (value !== undefined && twice !== undefined) {
      problems.add(
        value,
        `${twice} again`,
        "each quantity once, as a total, a delta or by pulses: it would count twice",
      );
    }
  }
  return {
    machine,
    state: optional(fields.state, (value) => stateMapping(value, reason, signalIn, problems)),
    totals,
    deltas,
    pulses,
    product: optional(fields.product, signalIn),
    order: optional(fields.order, signalIn),
    idealCycleSeconds: optional(fields.idealCycleSeconds, signalIn),
    piecesPerCount: optional(fields.piecesPerCount, signalIn),
  };
}

/** All signals that a mapping makes events of. */
export function signalsOf(mapping: Mapping): ReadonlySet<string> {
  const { totals, deltas, pulses } = mapping;
  return new Set([...stateAndJobSignals(mapping), ...totals.values(), ...deltas.values(), ...pulses.values()]);
}

/** Those of them whose values say something later too, together with others: what counts alone does not. */
export function heldSignalsOf(mapping: Mapping): ReadonlySet<string> {
  const [good, produced] = [mapping.totals.get("good"), mapping.totals.get("produced")];
  const together = good !== undefined && produced !== undefined ? [good, produced] : [];
  return new Set([...stateAndJobSignals(mapping), ...together, ...mapping.pulses.values()]);
}

function stateAndJobSignals({ state, product, order, ...job }: Mapping): readonly string[] {
  const ofReason = (reason: string | ReasonMapping | null): readonly (string | null)[] =>
    typeof reason === "string" || reason === null ? [] : [reason.signal];
  const ofState = (): readonly (string | null)[] => {
    switch (state?.kind) {
      case undefined:
        return [];
      case "signal":
        return [state.signal, ...ofReason(state.reason)];
      case "conditions":
        return state.conditions.flatMap(({ when, reason }) => [when, ...ofReason(reason)]);
      case "packml":
        return [...state.signals, ...state.inner.values(), ...ofReason(state.reason)];
    }
  };
  const named = [...ofState(), product, order, job.idealCycleSeconds, job.piecesPerCount];
  return named.filter((signal) => signal !== null);
}

/** All signals that a mapping counts with, and how. */
export function countingSignals({ totals, deltas }: Mapping): ReadonlyMap<string, Counting> {
  const counting = new Map<string, Counting>();
  for (const signal of totals.values()) counting.set(signal, "total");
  for (const signal of deltas.values()) counting.set(signal, "delta");
  return counting;
}

/** States of PackML inside of which another machine may be at work. */
const INNER = ["held", "suspended"] as const;

function stateMapping(
  value: Value,
  reason: ReasonMapping | null,
  signalIn: (value: Value) => string | null,
  problems: Problems,
): StateMapping | null {
  if (value.kind === "scalar") {
    const signal = signalIn(value);
    return signal === null ? null : { kind: "signal", signal, reason };
  }
  if (value.kind === "mapping") {
    const fields = fieldsOf(value, ["packml", ...INNER], ["packml"], problems);
    const machines = fields.packml === undefined ? [] : itemsOf(fields.packml, "signals, outermost first", problems);
    const signals = machines.flatMap((item) => signalIn(item) ?? []);
    const inner = INNER.flatMap((name) => {
      const signal = optional(fields[name], signalIn);
      return signal === null ? [] : [[name, signal] as const];
    });
    return { kind: "packml", signals, inner: new Map(inner), reason };
  }
  const conditions = itemsOf(value, "a signal, a list of conditions, or { packml: [signals] }", problems).flatMap(
    (item) => {
      const fields = fieldsOf(item, ["when", "is", "state", "reason"], ["state"], problems);
      const state = optional(fields.state, (text) => textOf(text, "a state", problems));
      if (state === null) return [];
      return [
        {
          when: optional(fields.when, signalIn),
          is: optional(fields.is, (list) => wordsIn(list, problems)),
          state,
          reason: optional(fields.reason, (text) =>
            text.kind === "scalar"
              ? textOf(text, "the path of a reason", problems)
              : reasonMapping(text, signalIn, problems),
          ),
        },
      ];
    },
  );
  return { kind: "conditions", conditions };
}

function reasonMapping(
  value: Value,
  signalIn: (value: Value) => string | null,
  problems: Problems,
): ReasonMapping | null {
  const fields = fieldsOf(value, ["of", "codes"], ["of", "codes"], problems);
  const signal = optional(fields.of, signalIn);
  const codes = new Map<string, string>();
  for (const { key, value: path } of fields.codes === undefined
    ? []
    : entriesOf(fields.codes, "reasons by code", ANY_TEXT, problems)) {
    const text = textOf(path, "the path of a reason", problems);
    if (text !== null) codes.set(key, text);
  }
  return signal === null ? null : { signal, codes };
}

/** The text by which a condition compares: 1 and 0 are truths too, for a coil has true where a register has 1, and another client writes True. */
export function alikeOf(text: string): string {
  if (/^true$/i.test(text)) return "1";
  return /^false$/i.test(text) ? "0" : text;
}

/** Values as texts, to be compared. */
function wordsIn(value: Value, problems: Problems): readonly string[] | null {
  const items = value.kind === "list" ? value.items : [value];
  return items.map((item) => {
    if (item.kind === "scalar" && item.value !== null) return alikeOf(String(item.value));
    unexpected(item, "a value, or a list of values", problems);
    return "";
  });
}

function quantitiesIn(
  value: Value | undefined,
  signalIn: (value: Value) => string | null,
  problems: Problems,
): ReadonlyMap<Quantity, string> {
  const signals = new Map<Quantity, string>();
  if (value === undefined) return signals;
  const fields = fieldsOf(value, QUANTITIES, [], problems);
  for (const quantity of QUANTITIES) {
    const signal = optional(fields[quantity], signalIn);
    if (signal !== null) signals.set(quantity, signal);
  }
  if (signals.has("produced") && (signals.has("scrap") || !signals.has("good"))) {
    problems.add(value, "produced", "beside good, and in place of scrap (CN-7)");
  }
  return signals;
}
