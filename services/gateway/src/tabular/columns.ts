/**
 * The fields of an answer's records, nested for JSON and flat for the columns of CSV and Arrow. Names and values are
 * those of the contract's JSON; nothing is rounded.
 */
import type { Answered, LossCosts } from "@oee/answers";
import {
  type Element,
  formatInstant,
  KPI_NAMES,
  LOSS_NAMES,
  type Losses,
  PUBLIC_COMPONENT_NAMES,
  type StopSegment,
} from "@oee/model";
import type { InDecimals } from "@oee/review";
import type { ElementAnswer, LossesAnswer, MissingAnswer, ParetoElement, StopAnswer } from "@oee/protocol";
import { writeFigures } from "../figures-json.ts";
import { type JsonBytes, jsonPiece } from "../json-bytes.ts";
import type { MissingReason } from "../answers/missing-reasons.ts";

export type Column<R> =
  | { readonly name: string; readonly kind: "text"; readonly of: (record: R) => string | null }
  | { readonly name: string; readonly kind: "instant"; readonly of: (record: R) => number }
  | { readonly name: string; readonly kind: "number"; readonly of: (record: R) => number | null }
  | { readonly name: string; readonly kind: "flag"; readonly of: (record: R) => boolean };

/** How records `R` are written; `A` is their JSON value. */
export interface Layout<R, A = unknown> {
  /** The record's JSON value. */
  readonly json: (record: R) => A;
  readonly columns: readonly Column<R>[];
  /** Where there may be many: writes the JSON value of one record after another without making it. */
  readonly writer?: () => (out: JsonBytes, record: R) => void;
}

const ANSWERED: readonly Column<Answered>[] = [
  { name: "scope", kind: "text", of: ({ scope }) => scope },
  { name: "from", kind: "instant", of: ({ from }) => from },
  { name: "to", kind: "instant", of: ({ to }) => to },
  { name: "product", kind: "text", of: ({ product }) => product },
  { name: "shift", kind: "text", of: ({ shift }) => shift },
  { name: "shiftDate", kind: "text", of: ({ shiftDate }) => shiftDate },
  { name: "crew", kind: "text", of: ({ crew }) => crew },
];

interface Span {
  readonly from: number;
  readonly to: number;
}

function withInstants<R extends Span>(record: R): Omit<R, keyof Span> & { readonly from: string; readonly to: string } {
  return { ...record, from: formatInstant(record.from), to: formatInstant(record.to) };
}

export const ELEMENTS: Layout<Element, ElementAnswer> = {
  json: withInstants,
  columns: [
    ...ANSWERED,
    ...PUBLIC_COMPONENT_NAMES.map(
      (name): Column<Element> => ({ name, kind: "number", of: ({ components }) => components[name] }),
    ),
    ...KPI_NAMES.map((name): Column<Element> => ({ name, kind: "number", of: ({ kpis }) => kpis[name] })),
  ],
  writer: elementWriter,
};

const TO = jsonPiece(',"to":');
const OF_ALL = jsonPiece(',"product":null,"shift":null,"shiftDate":null,"crew":null,');
const END = jsonPiece("}");

/** Most scopes have the same periods: their bounds are made once. */
const INSTANTS = new Map<number, Uint8Array>();
const INSTANTS_MAX = 4_096;

function instantPiece(instant: number): Uint8Array {
  let piece = INSTANTS.get(instant);
  if (piece !== undefined) return piece;
  if (INSTANTS.size === INSTANTS_MAX) INSTANTS.clear();
  piece = jsonPiece(JSON.stringify(formatInstant(instant)));
  INSTANTS.set(instant, piece);
  return piece;
}

function elementWriter(): (out: JsonBytes, element: Element) => void {
  let written = "";
  let head = jsonPiece(written);
  return (out, { scope, from, to, product, shift, shiftDate, crew, components, kpis }) => {
    // Elements of one scope follow one another.
    if (scope !== written) {
      written = scope;
      head = jsonPiece(`{"scope":${JSON.stringify(scope)},"from":`);
    }
    out.piece(head).piece(instantPiece(from)).piece(TO).piece(instantPiece(to));
    if (product === null && shift === null && shiftDate === null && crew === null) out.piece(OF_ALL);
    else out.json(`,${JSON.stringify({ product, shift, shiftDate, crew }).slice(1, -1)},`);
    writeFigures(out, components, kpis);
    out.piece(END);
  };
}

/** The six big losses of one scope and period (KP-1); `null` where it is not rated. */
export interface LossesElement extends Answered {
  readonly losses: Losses | null;
  readonly lossCosts: InDecimals<LossCosts> | null;
  readonly currency: string | null;
}

export const LOSSES: Layout<LossesElement, LossesAnswer> = {
  json: withInstants,
  columns: [
    ...ANSWERED,
    ...LOSS_NAMES.map(
      (name): Column<LossesElement> => ({ name, kind: "number", of: ({ losses }) => losses?.[name] ?? null }),
    ),
    { name: "breakdownsCost", kind: "text", of: ({ lossCosts }) => lossCosts?.breakdowns ?? null },
    { name: "otherUnplannedStopsCost", kind: "text", of: ({ lossCosts }) => lossCosts?.otherUnplannedStops ?? null },
    { name: "currency", kind: "text", of: ({ currency }) => currency },
  ],
};

export const STOPS: Layout<StopSegment, StopAnswer> = {
  json: withInstants,
  columns: [
    { name: "machine", kind: "text", of: (segment) => segment.machine },
    { name: "stop", kind: "text", of: (segment) => segment.stop },
    { name: "from", kind: "instant", of: (segment) => segment.from },
    { name: "to", kind: "instant", of: (segment) => segment.to },
    { name: "state", kind: "text", of: (segment) => segment.state },
    { name: "reason", kind: "text", of: (segment) => segment.reason },
    { name: "category", kind: "text", of: (segment) => segment.category },
    { name: "failure", kind: "flag", of: (segment) => segment.failure },
    { name: "minor", kind: "flag", of: (segment) => segment.minor },
    { name: "duration", kind: "number", of: (segment) => segment.duration },
    { name: "scheduledDuration", kind: "number", of: (segment) => segment.scheduledDuration },
    { name: "open", kind: "flag", of: (segment) => segment.open },
    { name: "shift", kind: "text", of: (segment) => segment.shift },
    { name: "shiftDate", kind: "text", of: (segment) => segment.shiftDate },
    { name: "crew", kind: "text", of: (segment) => segment.crew },
    { name: "product", kind: "text", of: (segment) => segment.product },
    { name: "correctedBy", kind: "text", of: (segment) => segment.correctedBy },
  ],
};

export const MISSING: Layout<MissingReason, MissingAnswer> = {
  json: (missing) => ({ ...withInstants(missing), since: formatInstant(missing.since) }),
  columns: [
    ...STOPS.columns,
    { name: "since", kind: "instant", of: (missing) => missing.since },
    { name: "owner", kind: "text", of: (missing) => missing.owner },
  ],
};

export const PARETO: Layout<ParetoElement, ParetoElement> = {
  json: (bar) => bar,
  columns: [
    { name: "key", kind: "text", of: (bar) => bar.key },
    { name: "name", kind: "text", of: (bar) => bar.name },
    { name: "time", kind: "number", of: (bar) => bar.time },
    { name: "count", kind: "number", of: (bar) => bar.count },
    { name: "cost", kind: "text", of: (bar) => bar.cost },
    { name: "minorTime", kind: "number", of: (bar) => bar.minorTime },
    { name: "minorCount", kind: "number", of: (bar) => bar.minorCount },
    { name: "share", kind: "number", of: (bar) => bar.share },
    { name: "cumulative", kind: "number", of: (bar) => bar.cumulative },
    { name: "currency", kind: "text", of: (bar) => bar.currency },
  ],
};
