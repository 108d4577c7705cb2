/** Alerts (AL) and the audit trail (RE-3): what happened to whom, who has seen it, who changed what. */
import { ALERT_KINDS, ALERT_STATES, MESSAGE_KINDS, MESSAGE_STATES } from "@oee/model";
import { Type } from "typebox";
import { OWNERS } from "./agreed.ts";
import { type Described, FLAG, INSTANT, oneOf, orNull, parameters, SCOPE, TEXT } from "./schema.ts";

const instantFrom = (by: string) =>
  Type.String({ format: "instant", description: "RFC 3339, epoch milliseconds, or relative", default: by });

export const ALERTS_QUERY = parameters({
  scope: SCOPE,
  state: Type.Optional(oneOf(ALERT_STATES)),
  from: instantFrom("now-7d"),
  to: instantFrom("now"),
});
export type AlertsQuery = Described<typeof ALERTS_QUERY>;

export const TICKET_PARAMS = Type.Object({ ticket: Type.String({ minLength: 1 }) });
export type TicketParams = Described<typeof TICKET_PARAMS>;

/** The rules judge it, as any entry (RE-1). */
export const ACKNOWLEDGEMENT = Type.Object(
  {
    id: Type.Optional(orNull(TEXT)),
    by: Type.Optional(orNull(TEXT)),
    note: Type.Optional(orNull(TEXT)),
    resolved: Type.Optional(orNull(FLAG)),
  },
  { additionalProperties: true, description: "An entry without `type` and `alert`" },
);

const MESSAGE = Type.Object({
  key: Type.String({ description: "Ticket, step and kind: of two that are alike the first counts" }),
  step: Type.Integer({ description: "Place in the chain, from 0" }),
  kind: oneOf(MESSAGE_KINDS),
  state: oneOf(MESSAGE_STATES),
  due: INSTANT,
  at: Type.String({ format: "date-time", description: "When it was recorded" }),
  roles: Type.Array(TEXT),
  deliveries: Type.Array(Type.Object({ role: TEXT, by: oneOf(["email", "webhook"]), to: TEXT, at: INSTANT })),
  why: orNull(TEXT, { description: "Why somebody did not get it" }),
});
export type AlertMessage = Described<typeof MESSAGE>;

export const ALERT = Type.Object({
  ticket: TEXT,
  rule: TEXT,
  kind: oneOf(ALERT_KINDS),
  machine: Type.String({ description: "The machine, or the scope, that it is about" }),
  opens: INSTANT,
  acknowledged: orNull(INSTANT),
  resolves: orNull(INSTANT),
  withdrawn: orNull(INSTANT, { description: "When events that came late showed that there was none" }),
  owners: OWNERS,
  steps: Type.Array(Type.Object({ to: TEXT, at: INSTANT, due: FLAG })),
  state: oneOf(ALERT_STATES),
  messages: Type.Array(MESSAGE, { description: "What was sent, and what was not and why, by when it was due" }),
});
export type AlertAnswer = Described<typeof ALERT>;

export const ALERT_RULES_QUERY = parameters({ scope: SCOPE, from: instantFrom("now-30d"), to: instantFrom("now") });
export type AlertRulesQuery = Described<typeof ALERT_RULES_QUERY>;

const MEDIAN = orNull(Type.Number({ description: "Milliseconds since they opened: the median by nearest rank" }));
export const ALERT_COUNTS = Type.Object({
  rule: TEXT,
  alerts: Type.Integer({ description: "Those withdrawn aside" }),
  withdrawn: Type.Integer(),
  open: Type.Integer(),
  medianToAcknowledge: MEDIAN,
  medianToResolve: MEDIAN,
  steps: Type.Array(Type.Integer(), { description: "How many reached each step of the chain" }),
  unacknowledged: Type.Integer({ description: "Resolved though nobody had acknowledged them" }),
  noise: Type.Boolean({ description: "Whether that is so of more than half of those resolved" }),
});

const AUDIT_KIND = oneOf(["entry", "correction", "recompute", "plant", "settings", "access", "other"]);
export const AUDIT_QUERY = parameters({
  scope: SCOPE,
  from: instantFrom("now-30d"),
  to: instantFrom("now"),
  kind: Type.Optional(AUDIT_KIND),
  by: Type.Optional(Type.String({ description: "The name, or the identifier, of who did it" })),
});
export type AuditQuery = Described<typeof AUDIT_QUERY>;

const FIELDS = orNull(Type.Unsafe<Readonly<Record<string, unknown>>>({ type: "object" }));
export const AUDIT = Type.Object({
  at: INSTANT,
  kind: AUDIT_KIND,
  by: orNull(TEXT),
  scope: TEXT,
  what: TEXT,
  before: FIELDS,
  after: FIELDS,
  /** Where it came from: an address, or the machine on which a command ran. */
  address: orNull(TEXT),
});
export type AuditAnswer = Described<typeof AUDIT>;
