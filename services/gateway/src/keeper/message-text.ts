/** Writes the message about an alert as text for people and as JSON for programs. */
import { localMsOf } from "@oee/calendar";
import { formatInstant, type Plant, type Scope, scopeAt } from "@oee/model";
import type { Message } from "@oee/review";

export interface MessageBody {
  readonly key: string;
  readonly kind: Message["kind"];
  readonly step: { readonly number: number; readonly to: string; readonly due: string };
  readonly roles: readonly string[];
  readonly alert: {
    readonly ticket: string;
    readonly rule: string;
    readonly kind: string;
    readonly scope: string;
    readonly opens: string;
    readonly state: string;
    readonly accountable: string | null;
  };
  readonly subject: string;
  readonly text: string;
  /** The address of the alert's page; `null`: the settings name no address of the gateway. */
  readonly url: string | null;
}

const WHAT = {
  stop: "stands still",
  "no-reason": "has a stop without a reason",
  kpi: "is beyond a limit",
  silent: "is not heard of",
  late: "gets its events late",
  behind: "is behind its target",
} as const;

export function messageBody(plant: Plant, { key, kind, step, roles, alert }: Message, url: string | null): MessageBody {
  const scope = scopeAt(plant, alert.scope);
  const name = scope?.name ?? alert.scope;
  const since = localTime(scope, alert.opens);
  const what = `${name} ${WHAT[alert.kind]}`;
  const subject = kind === "withdrawal" ? `[OEE] Withdrawn: ${what}` : `[OEE] ${what}, since ${since}`;
  const link = url === null ? null : new URL(`/wall/${alert.scope === "*" ? "" : alert.scope}`, url).href;
  const lines = [
    kind === "withdrawal" ? `Events that came late show that it was not so: ${what}.` : `${what}.`,
    "",
    `Where:       ${alert.scope}`,
    `Since:       ${since}`,
    `Rule:        ${alert.rule}`,
    `To:          ${step.to}${roles.join(", ") === step.to ? "" : ` (${roles.join(", ")})`}, step ${step.number + 1}`,
    `Accountable: ${alert.owners.accountable ?? "nobody is named"}`,
    `Ticket:      ${alert.ticket}`,
    ...(link === null ? [] : ["", link]),
  ];
  return {
    key,
    kind,
    step: { number: step.number, to: step.to, due: formatInstant(step.at) },
    roles,
    alert: {
      ticket: alert.ticket,
      rule: alert.rule,
      kind: alert.kind,
      scope: alert.scope,
      opens: formatInstant(alert.opens),
      state: alert.withdrawn === null ? alert.state : "withdrawn",
      accountable: alert.owners.accountable,
    },
    subject,
    text: `${lines.join("\n")}\n`,
    url: link,
  };
}

/** An instant as local time of the scope's site. */
function localTime(scope: Scope | undefined, instant: number): string {
  if (scope === undefined) return formatInstant(instant);
  const local = formatInstant(localMsOf(scope.timezone, instant)).slice(0, 16).replace("T", " ");
  return `${local} (${scope.timezone.name})`;
}
