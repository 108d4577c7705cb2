/** The open alerts that the live channel shows of each scope. */
import { isInScope, type Plant, type Scope, scopeAt } from "@oee/model";
import type { LiveAlert } from "@oee/protocol";
import type { KnownAlert } from "@oee/review";

/** Most alerts that are shown of one scope; the oldest ones, for these wait longest. */
const SHOWN_MAX = 20;

/** Whether an alert is neither resolved nor withdrawn. */
export function isGoingOn({ state, withdrawn }: KnownAlert): boolean {
  return state !== "resolved" && withdrawn === null;
}

/** Open alerts of a scope and below it, in order of opening. `whole` is the whole plant; `scope` may be of a reduced one. */
export function liveAlerts(whole: Plant, alerts: readonly KnownAlert[], scope: Scope): readonly LiveAlert[] {
  const found: LiveAlert[] = [];
  for (const alert of alerts) {
    if (!isGoingOn(alert) || !isSeenIn(whole, scope, alert.scope)) continue;
    const { ticket, rule, kind, state, opens, owners } = alert;
    found.push({ ticket, rule, kind, scope: alert.scope, state, since: opens, owner: owners.accountable });
    if (found.length === SHOWN_MAX) break;
  }
  return found;
}

/** Whether something at a path belongs to a scope, and the reader of the scope sees all that it is about. */
export function isSeenIn(whole: Plant, scope: Scope, path: string): boolean {
  const of = scopeAt(whole, path);
  if (of === undefined || !isInScope(of.path, scope.path)) return false;
  const seen = new Set(scope.machines.map(({ id }) => id));
  return of.machines.every(({ id }) => seen.has(id));
}

/** The scopes whose alerts changed, by their paths. */
export function changedScopes(before: readonly KnownAlert[], after: readonly KnownAlert[]): ReadonlySet<string> {
  const signs = (alerts: readonly KnownAlert[]): ReadonlyMap<string, KnownAlert> =>
    new Map(alerts.filter(isGoingOn).map((alert) => [`${alert.ticket} ${alert.state}`, alert]));
  const [was, is] = [signs(before), signs(after)];
  const changed = new Set<string>();
  for (const [sign, { scope }] of was) if (!is.has(sign)) changed.add(scope);
  for (const [sign, { scope }] of is) if (!was.has(sign)) changed.add(scope);
  return changed;
}
