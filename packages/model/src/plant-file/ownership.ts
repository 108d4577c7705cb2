/**
 * Who owns what (`roles`, `owners`) and who is told of what (`chains`, `alerts`), as the review's specification has them
 * (OW, AL). None of it bears on numbers, and there are no people here: roles get their addresses in the settings.
 */
import { type KpiName, kpisInPlantFile } from "../kpis.ts";
import { ALERT_KINDS, type AlertKind, HOPS } from "../review-names.ts";
import type { AlertCondition, AlertRule, Calendar, ChainStep, OwnerRule, ReasonTree, Scope } from "../plant.ts";
import { quote, type Value } from "./value.ts";
import {
  ANY_TEXT,
  booleanOf,
  didYouMean,
  durationMsIn,
  entriesOf,
  fieldsOf,
  itemsOf,
  numberOf,
  oneOf,
  optional,
  referenceOf,
  textOf,
} from "./fields.ts";
import type { Problems } from "./problem.ts";

/** What the names in it point at. */
export interface Names {
  readonly scopes: ReadonlyMap<string, Scope>;
  readonly reasons: ReasonTree;
  readonly calendars: ReadonlyMap<string, Calendar | null>;
  readonly windows: readonly { readonly name: string }[];
}

export interface Ownership {
  readonly roles: readonly string[];
  readonly owners: readonly OwnerRule[];
  readonly alerts: readonly AlertRule[];
}

export interface OwnershipValues {
  readonly roles: Value | undefined;
  readonly owners: Value | undefined;
  readonly chains: Value | undefined;
  readonly alerts: Value | undefined;
}

/** The letters of OW-1 to which a step of a chain may go in place of a role. */
const LETTERS = ["responsible", "accountable", "consulted", "informed"] as const;

export function readOwnership(values: OwnershipValues, names: Names, problems: Problems): Ownership {
  const roles = optional(values.roles, (value) => readRoles(value, problems)) ?? [];
  const owners = optional(values.owners, (value) => readOwners(value, roles, names, problems)) ?? [];
  const chains = optional(values.chains, (value) => readChains(value, roles, problems)) ?? new Map();
  const alerts = optional(values.alerts, (value) => readAlerts(value, chains, names, problems)) ?? [];
  return { roles, owners, alerts };
}

function readRoles(value: Value, problems: Problems): readonly string[] {
  return itemsOf(value, "a list of roles", problems).flatMap((item) => {
    const role = textOf(item, "the name of a role", problems);
    if (role === null) return [];
    if ((LETTERS as readonly string[]).includes(role)) {
      problems.add(item, `the role ${quote(role)}`, `a name other than ${LETTERS.join(", ")}`);
    }
    return [role];
  });
}

function readOwners(value: Value, roles: readonly string[], names: Names, problems: Problems): readonly OwnerRule[] {
  const known = new Set<string>();
  return itemsOf(value, "a list of owners", problems).map((item) => {
    const fields = fieldsOf(item, ["scope", "reason", ...LETTERS], [], problems);
    const rule: OwnerRule = {
      scope: optional(fields.scope, (scope) => scopeIn(scope, names, problems)) ?? "*",
      reason: optional(fields.reason, (reason) => reasonIn(reason, names, problems)),
      accountable: optional(fields.accountable, (role) => roleIn(role, roles, problems)),
      responsible: optional(fields.responsible, (list) => rolesIn(list, roles, problems)),
      consulted: optional(fields.consulted, (list) => rolesIn(list, roles, problems)),
      informed: optional(fields.informed, (list) => rolesIn(list, roles, problems)),
    };
    const key = JSON.stringify([rule.scope, rule.reason]);
    if (known.has(key)) problems.add(item, "owners of this scope and reason again", "them once");
    known.add(key);
    return rule;
  });
}

function readChains(
  value: Value,
  roles: readonly string[],
  problems: Problems,
): ReadonlyMap<string, readonly ChainStep[]> {
  const chains = new Map<string, readonly ChainStep[]>();
  for (const { key, value: steps } of entriesOf(value, "chains by name", ANY_TEXT, problems)) {
    chains.set(
      key,
      itemsOf(steps, "a list of steps", problems).map((item) => {
        const fields = fieldsOf(item, ["after", "to"], ["after", "to"], problems);
        return {
          afterMs: optional(fields.after, (after) => durationMsIn(after, DURATION, problems)) ?? 0,
          to: optional(fields.to, (to) => roleIn(to, [...LETTERS, ...roles], problems)) ?? "",
        };
      }),
    );
  }
  return chains;
}

const DURATION = "a duration such as 15m, or 0";
const COMMON = ["id", "kind", "scope", "chain", "calendar", "urgent"] as const;
/** What each kind has besides, and of that what must be written. */
const OWN_KEYS = {
  stop: { keys: ["for", "reason"], required: ["for"] },
  "no-reason": { keys: ["for"], required: ["for"] },
  kpi: {
    keys: ["measure", "window", "below", "above", "for", "clear"],
    required: ["measure", "window", "for"],
  },
  silent: { keys: ["for"], required: ["for"] },
  late: { keys: ["hop", "p95", "for"], required: ["hop", "p95", "for"] },
  behind: { keys: ["for"], required: ["for"] },
} as const;
/** KPIs that are better the higher or the lower they are, so that a limit has a meaning. */
const ALERT_MEASURES: readonly KpiName[] = kpisInPlantFile("alert");

function readAlerts(
  value: Value,
  chains: ReadonlyMap<string, readonly ChainStep[]>,
  names: Names,
  problems: Problems,
): readonly AlertRule[] {
  const ids = new Set<string>();
  return itemsOf(value, "a list of alerts", problems).flatMap((item) => {
    const kindField = item.kind === "mapping" ? item.entries.get("kind")?.value : undefined;
    const kind = optional(kindField, (word) => oneOf(word, ALERT_KINDS, problems));
    if (kind === null) {
      if (kindField === undefined) problems.add(item, "no kind", `the key kind, one of ${ALERT_KINDS.join(", ")}`);
      return [];
    }
    const own = OWN_KEYS[kind];
    const required = ["id", "kind", "chain", ...own.required];
    const fields = fieldsOf<string>(item, [...COMMON, ...own.keys], required, problems);
    const id = optional(fields.id, (name) => textOf(name, "the alert's identifier", problems)) ?? "";
    if (ids.has(id)) problems.add(item, `the alert ${quote(id)} again`, "each identifier once");
    ids.add(id);
    if (id.includes("/")) problems.add(item, quote(id), "an identifier without /, which parts it from its subject");
    const condition = conditionOf(kind, fields, names, problems);
    if (condition === null) return [];
    return [
      {
        id,
        scope: optional(fields.scope, (scope) => scopeIn(scope, names, problems)) ?? "*",
        condition,
        chain: optional(fields.chain, (name) => referenceOf(name, "a chain", chains, problems)) ?? [],
        calendar: optional(fields.calendar, (name) => referenceOf(name, "a calendar", names.calendars, problems)),
        urgent: optional(fields.urgent, (word) => booleanOf(word, problems)) ?? false,
      },
    ];
  });
}

function conditionOf(
  kind: AlertKind,
  fields: Partial<Readonly<Record<string, Value>>>,
  names: Names,
  problems: Problems,
): AlertCondition | null {
  const forMs =
    optional(kind === "behind" ? undefined : fields["for"], (value) => durationMsIn(value, DURATION, problems)) ?? 0;
  switch (kind) {
    case "stop":
      return { kind, forMs, reason: optional(fields["reason"], (reason) => reasonIn(reason, names, problems)) };
    case "no-reason":
    case "silent":
      return { kind, forMs };
    case "late": {
      const hop = optional(fields["hop"], (word) => oneOf(word, HOPS, problems));
      const p95Ms = optional(fields["p95"], (value) => durationMsIn(value, DURATION, problems));
      return hop === null || p95Ms === null ? null : { kind, forMs, hop, p95Ms };
    }
    case "behind": {
      const isCount = (number: number): boolean => Number.isSafeInteger(number) && number >= 1;
      const dates = optional(fields["for"], (value) => numberOf(value, isCount, "a number of dates from 1", problems));
      return dates === null ? null : { kind, dates };
    }
    case "kpi": {
      const measure = optional(fields["measure"], (word) => oneOf(word, ALERT_MEASURES, problems));
      const windows = new Map(names.windows.map(({ name }) => [name, name]));
      const window = optional(fields["window"], (name) => referenceOf(name, "a window", windows, problems));
      const { below, above } = fields;
      const limited = below ?? above;
      if (limited === undefined || (below !== undefined && above !== undefined)) {
        const at = fields["measure"] ?? fields["kind"];
        if (at !== undefined)
          problems.add(at, limited === undefined ? "no limit" : "two limits", "either below or above");
        return null;
      }
      const isTarget = limited.kind === "scalar" && limited.value === "target";
      const limit = isTarget ? "target" : numberOf(limited, Number.isFinite, "a number, or target", problems);
      const clear =
        optional(fields["clear"], (value) => numberOf(value, (n) => n >= 0, "a number from 0 up", problems)) ?? 0;
      if (measure === null || window === null || limit === null) return null;
      return { kind, forMs, measure, window, limit, side: below === undefined ? "above" : "below", clear };
    }
  }
}

function scopeIn(value: Value, { scopes }: Names, problems: Problems): string | null {
  return referenceOf(value, "a scope", scopes, problems)?.path ?? null;
}

/** A path of the plant's reason tree. */
function reasonIn(value: Value, { reasons }: Names, problems: Problems): string | null {
  const path = textOf(value, "the path of a reason", problems);
  if (path === null) return null;
  let tree = reasons;
  for (const part of path.split("/")) {
    const node = tree.children.get(part);
    if (node === undefined) {
      problems.add(
        value,
        `the reason ${quote(path)}`,
        `one of the tree: ${didYouMean(part, [...tree.children.keys()])}`,
      );
      return null;
    }
    tree = node;
  }
  return path;
}

function roleIn(value: Value, roles: readonly string[], problems: Problems): string | null {
  return referenceOf(value, "a role", new Map(roles.map((role) => [role, role])), problems);
}

function rolesIn(value: Value, roles: readonly string[], problems: Problems): readonly string[] {
  return itemsOf(value, "a list of roles", problems).flatMap((item) => roleIn(item, roles, problems) ?? []);
}
