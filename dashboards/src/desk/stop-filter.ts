/** Filters and orders a list of stops by the options of the address. */
import { isAtOrBelow } from "@oee/model/paths";
import type { StopRow } from "../shared/api/rows.ts";

export const KINDS = ["all", "major", "failure", "other", "minor"] as const;
export type Kind = (typeof KINDS)[number];

export const ORDERS = ["machine", "from", "length"] as const;
/** The order of stops: by machine as the server sends them, by their start, or the longest first. */
export type Order = (typeof ORDERS)[number];

export interface StopFilter {
  readonly kind: Kind;
  /** Path of a reason, whose stops and those of reasons below it are shown; `none`: stops without a reason; `null`: all. */
  readonly reason: string | null;
  readonly state: string | null;
  /** A part of the machine's, reason's, product's, shift's or person's name, in lower case. */
  readonly text: string;
  /** Shortest length (ms). */
  readonly least: number;
  readonly order: Order;
}

const MINUTE_MS = 60_000;

export function filterIn(options: Readonly<Record<string, string>>): StopFilter {
  const { kind, reason, state, text, least, order } = options;
  const minutes = Number(least ?? 0);
  return {
    kind: KINDS.find((known) => known === kind) ?? "all",
    reason: reason ?? null,
    state: state ?? null,
    text: (text ?? "").trim().toLowerCase(),
    least: Number.isFinite(minutes) && minutes > 0 ? minutes * MINUTE_MS : 0,
    order: ORDERS.find((known) => known === order) ?? "machine",
  };
}

/** The stops that fit. `wordsOf` gives the texts by which a row can be found, in lower case. */
export function filtered(
  rows: readonly StopRow[],
  filter: StopFilter,
  wordsOf: (row: StopRow) => readonly string[],
): readonly StopRow[] {
  const { kind, reason, state, text, least } = filter;
  const left = rows.filter(
    (row) =>
      row.duration >= least &&
      isOfKind(row, kind) &&
      (state === null || row.state === state) &&
      (reason === null || hasReason(row, reason)) &&
      (text === "" || wordsOf(row).some((word) => word.includes(text))),
  );
  switch (filter.order) {
    case "machine":
      return left;
    case "from":
      return left.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
    case "length":
      return left.sort((a, b) => b.duration - a.duration);
    default:
      return filter.order satisfies never;
  }
}

/** Whether a stop is of a kind, as the losses of KP-1 divide stops. */
function isOfKind({ minor, failure }: StopRow, kind: Kind): boolean {
  switch (kind) {
    case "all":
      return true;
    case "major":
      return !minor;
    case "failure":
      return !minor && failure;
    case "other":
      return !minor && !failure;
    case "minor":
      return minor;
    default:
      return kind satisfies never;
  }
}

function hasReason({ reason }: StopRow, wanted: string): boolean {
  if (wanted === "none") return reason === null;
  return reason !== null && isAtOrBelow(reason, wanted);
}
