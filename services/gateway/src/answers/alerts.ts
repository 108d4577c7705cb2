/**
 * Alerts as the routes answer them. Alerts of machines are computed by the rules from stored rows and events, of any time;
 * alerts of scopes, which need panes or arrival times, and withdrawn ones are read as the keeper stored them. So are those of
 * machines that are not known up to now, which the keeper leaves as they are. Each has its messages.
 */
import { ALERT_KINDS, formatInstant, type Plant, type Scope, scopeAt } from "@oee/model";
import type { AlertAnswer, AlertMessage } from "@oee/protocol";
import {
  type Alert,
  alertDocument,
  alertFrom,
  alertsOf,
  type Facts,
  isOfMachine,
  type KnownAlert,
  parseTicket,
  type Programme,
} from "@oee/review";
import type { Period, Store, StoredAlert, StoredMessage } from "@oee/store";
import { isSeenIn } from "../keeper/live-alerts.ts";
import type { MessageRecord } from "../keeper/message-log.ts";

type Ask = <T>(rules: (facts: Facts, programme: Programme, plant: Plant) => T) => Promise<T>;

/** Whether a worker has computed a machine, by its id, up to now. */
type IsKnownToNow = (machine: string) => boolean;

/** Alerts of a scope and below that opened in a period, by opening and ticket, with their messages. */
export async function alertsIn(
  store: Pick<Store, "alerts" | "messages">,
  whole: Plant,
  scope: Scope,
  period: Period,
  isKnownToNow: IsKnownToNow,
  ask: Ask,
): Promise<readonly AlertAnswer[]> {
  return withMessages(store, await alertsFound(store, whole, scope, period, isKnownToNow, ask));
}

export async function alertsFound(
  store: Pick<Store, "alerts">,
  whole: Plant,
  scope: Scope,
  { from, to }: Period,
  isKnownToNow: IsKnownToNow,
  ask: Ask,
): Promise<readonly (Alert | KnownAlert)[]> {
  const stored = (await store.alerts({ from, to })).filter(({ opens }) => opens >= from);
  const storedTickets = new Set(stored.map(({ ticket }) => ticket));
  const isKnown = ({ ticket }: Alert): boolean => isKnownToNow(parseTicket(ticket)?.machine ?? "");
  return ask((facts, programme, plant) => {
    const acknowledgements = programme.book.inForce("acknowledgement");
    const computed = alertsOf(facts, acknowledgements, { scope, period: { from, to } }).filter(
      (alert) => isKnown(alert) || (alert.resolves !== null && !storedTickets.has(alert.ticket)),
    );
    const tickets = new Set(computed.map(({ ticket }) => ticket));
    const others = stored.flatMap((one) => {
      const known = tickets.has(one.ticket) ? null : asKnown(plant, programme, one, facts.now);
      const isOwn = known !== null && isSeenIn(whole, scope, known.scope);
      // Alerts of machines that are known up to now are those that the rules find; of stored ones only the withdrawn are added.
      const isStored = known?.withdrawn !== null || !isOfMachine(known.kind) || !isKnown(known);
      return isOwn && isStored ? [known] : [];
    });
    const all: readonly (Alert | KnownAlert)[] = [...computed, ...others];
    return all.toSorted((a, b) => a.opens - b.opens || (a.ticket < b.ticket ? -1 : 1));
  });
}

/** The alert of a ticket as the keeper stored it; `null`: it stored none. */
export async function storedAlert(
  store: Pick<Store, "alerts" | "messages">,
  whole: Plant,
  plant: Plant,
  programme: Programme,
  ticket: string,
  now: number,
): Promise<AlertAnswer | null> {
  const [stored] = await store.alerts({ tickets: [ticket] });
  const scope = stored === undefined ? undefined : scopeAt(plant, stored.scope);
  if (stored === undefined || scope === undefined || !isSeenIn(whole, scope, stored.scope)) return null;
  const known = asKnown(plant, programme, stored, now);
  return known === null ? null : ((await withMessages(store, [known]))[0] ?? null);
}

/** Alerts with the messages that were sent about each. */
export async function withMessages(
  store: Pick<Store, "messages">,
  alerts: readonly (Alert | KnownAlert)[],
): Promise<readonly AlertAnswer[]> {
  const earliest = alerts.reduce((least, { opens }) => Math.min(least, opens), Infinity);
  const tickets = alerts.map(({ ticket }) => ticket);
  const asked = tickets.length > TICKETS_MAX ? { dueFrom: earliest } : { tickets };
  const messages = tickets.length === 0 ? [] : await store.messages(asked);
  const byTicket = new Map<string, StoredMessage[]>();
  for (const message of messages) {
    const own = byTicket.get(message.ticket);
    if (own === undefined) byTicket.set(message.ticket, [message]);
    else own.push(message);
  }
  return alerts.map((alert) => ({
    ...alertDocument(alert),
    kind: alert.kind,
    withdrawn: "withdrawn" in alert && alert.withdrawn !== null ? formatInstant(alert.withdrawn) : null,
    messages: (byTicket.get(alert.ticket) ?? []).map(messageOf),
  }));
}

/** Most tickets in one question to the store, whose length is bounded. */
const TICKETS_MAX = 200;

function asKnown(plant: Plant, programme: Programme, stored: StoredAlert, now: number): KnownAlert | null {
  const kind = ALERT_KINDS.find((known) => known === stored.kind);
  if (kind === undefined) return null;
  const said = programme.book.inForce("acknowledgement").filter(({ alert }) => alert === stored.ticket);
  const met = { ...stored, kind, subject: stored.ticket.slice(stored.rule.length + 1) };
  return { ...alertFrom(plant, met, said, now), seen: stored.seen, withdrawn: stored.withdrawn };
}

function messageOf({ value }: StoredMessage): AlertMessage {
  const { key, step, kind, state, due, at, roles, deliveries, why } = JSON.parse(value) as MessageRecord;
  return { key, step, kind, state, due, at, roles: [...roles], deliveries: deliveries.map((one) => ({ ...one })), why };
}
