/** Alerts (AL) and the audit trail (RE-3): what happened to whom, who has seen it, who changed what. */
import { ALERT_STATES } from "@oee/model";
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

export const ALERT = Type.Object({
  ticket: TEXT,
  rule: TEXT,
  machine: TEXT,
  opens: INSTANT,
  acknowledged: orNull(INSTANT),
  resolves: orNull(INSTANT),
  owners: OWNERS,
  steps: Type.Array(Type.Object({ to: TEXT, at: INSTANT, due: FLAG })),
  state: oneOf(ALERT_STATES),
});
export type AlertAnswer = Described<typeof ALERT>;

const AUDIT_KIND = oneOf(["entry", "correction", "recompute", "plant", "access", "other"]);
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
  /** Where it came from, of sign-ins and of what administrators do. */
  address: orNull(TEXT),
});
export type AuditAnswer = Described<typeof AUDIT>;
