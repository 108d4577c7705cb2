/**
 * What crosses the wire on the websocket (socket.io, namespace `/live`). The client says `subscribe`; the server answers with
 * one `snapshot` and then `update`s that hold only what changed, at most four a second, newest wins. Instants are epoch
 * milliseconds of the server's clock or of event time, as said.
 */
import { ALERT_KINDS, ALERT_STATES, CATEGORIES, KPI_NAMES, PUBLIC_COMPONENT_NAMES, SCOPE_KINDS } from "@oee/model";
import { Type } from "typebox";
import { byName, type Described, each, EPOCH_MS, FLAG, NUMBER, oneOf, orNull, TEXT } from "./schema.ts";

export interface SubscribeRequest {
  /** Scope paths; `*` is the enterprise. */
  readonly scopes: readonly string[];
  /** Window names of the plant file (PE-3), such as `shift` or `8h`. */
  readonly windows: readonly string[];
  /**
   * Scopes of which every machine is wanted in brief: what it does, without its windows, shift and timeline, its rate to
   * two digits and its last event to the minute. However many machines it has, a scope counts as one.
   */
  readonly machinesOf?: readonly string[];
}

export const CATEGORY = oneOf(CATEGORIES);
export const COMPONENTS = each(PUBLIC_COMPONENT_NAMES, NUMBER, { description: "Durations in milliseconds" });
export const KPI_VALUES = each(KPI_NAMES, orNull(NUMBER), {
  description: "Ratios from 0 to 1, durations in milliseconds",
});
/** Targets in force, by KPI name. */
export const TARGETS = byName(NUMBER);
export const UNIT = orNull(TEXT, {
  description: "What quantities are in (CN-5); null where the scope's machines have several units",
});
export const DECIMALS = Type.Integer({ description: "Of quantities: the most that any of the scope's machines has" });

export const TIMELINE_SEGMENT = Type.Object({
  from: EPOCH_MS,
  to: EPOCH_MS,
  state: TEXT,
  category: CATEGORY,
  minor: FLAG,
  reason: orNull(TEXT),
});

const LIVE_MACHINE = Type.Object({
  state: TEXT,
  category: CATEGORY,
  minor: orNull(FLAG, { description: "Whether the stop it is in is minor so far; null: it is in none" }),
  failure: FLAG,
  reason: orNull(TEXT),
  reasonName: orNull(TEXT, { description: "The reason's name in the plant file, else its last part" }),
  since: orNull(NUMBER, { description: "Start of the segment, event time" }),
  lastEventAt: orNull(NUMBER, { description: "Instant of the newest event of any kind but corrections" }),
  product: orNull(TEXT),
  productName: orNull(TEXT),
  order: orNull(TEXT),
  idealCycleSeconds: orNull(NUMBER, { description: "Planned run time per item in force; null: it is not rated" }),
  taktSeconds: orNull(NUMBER),
  scheduled: Type.Boolean({ description: "Whether the calendar has it work now (CA-4)" }),
  timeline: Type.Array(TIMELINE_SEGMENT, {
    description: "The running shift so far, or the last 8 h: contiguous, by time, the newest last",
  }),
  rate: orNull(NUMBER, {
    description: "Items per hour of operating time over the last quarter of an hour; null: it did not operate",
  }),
});

const LIVE_WINDOW = Type.Object({ from: EPOCH_MS, to: EPOCH_MS, components: COMPONENTS, kpis: KPI_VALUES });

const LIVE_SHIFT = Type.Object({
  name: TEXT,
  date: Type.String({ description: "Local date on which it starts, yyyy-mm-dd" }),
  from: EPOCH_MS,
  to: EPOCH_MS,
  nextBreak: orNull(Type.Object({ from: EPOCH_MS, to: EPOCH_MS })),
});

const LIVE_ALERT = Type.Object({
  ticket: TEXT,
  rule: TEXT,
  kind: oneOf(ALERT_KINDS),
  scope: Type.String({ description: "The machine, or the scope, that it is about" }),
  state: oneOf(ALERT_STATES),
  since: Type.Integer({ description: "When it opened, epoch milliseconds" }),
  owner: orNull(TEXT, { description: "The role that is accountable; null: none is named" }),
});

const LIVE_ELEMENT = Type.Object({
  scope: TEXT,
  kind: oneOf(SCOPE_KINDS),
  name: TEXT,
  timezone: Type.String({ description: "IANA zone of the scope's site" }),
  targets: TARGETS,
  unit: UNIT,
  decimals: DECIMALS,
  machine: orNull(LIVE_MACHINE, { description: "Only of machines; other scopes: read their machines" }),
  windows: byName(LIVE_WINDOW),
  shift: orNull(LIVE_SHIFT, {
    description: "The running shift so far as it is known: its name, end and next break, for the scope's first machine",
  }),
  needsReason: Type.Optional(
    orNull(NUMBER, {
      description:
        "Segments of stops of the last 24 hours that need a reason, of all machines below; null: not counted yet",
    }),
  ),
  alerts: Type.Optional(
    Type.Array(LIVE_ALERT, { description: "Alerts that go on, of the scope and below, by opening; at most 20" }),
  ),
});

const PICTURE = {
  emittedAt: Type.Integer({ description: "The server's clock when it was sent, epoch milliseconds" }),
  reflects: orNull(Type.Integer(), {
    description: "Event time of the newest event that it reflects, epoch milliseconds; null before the first",
  }),
  version: Type.String({
    description: "Changes when the server's build or its plant file changes: a display then reloads itself",
  }),
  elements: Type.Array(LIVE_ELEMENT),
};

/** What `GET /live` answers: an element per scope that was asked for. */
export const LIVE = Type.Object(PICTURE);

/**
 * `snapshot` and `update` alike: a `snapshot` has every subscribed scope, an `update` those that changed, each whole or, as
 * asked for, in brief.
 */
export const LIVE_MESSAGE = Type.Object({
  sequence: Type.Integer({
    description: "Grows by one with each message to this client; a gap means that something was lost",
  }),
  ...PICTURE,
});

export type TimelineSegment = Described<typeof TIMELINE_SEGMENT>;
export type LiveMachine = Described<typeof LIVE_MACHINE>;
export type LiveWindow = Described<typeof LIVE_WINDOW>;
export type LiveShift = Described<typeof LIVE_SHIFT>;
export type LiveAlert = Described<typeof LIVE_ALERT>;
export type LiveElement = Described<typeof LIVE_ELEMENT>;
export type LiveMessage = Described<typeof LIVE_MESSAGE>;
