/** `GET /audit`: everything that people changed, in one order: entries, corrections, recomputations, plant files (RE-3). */
import { compareCodePoints, formatInstant, type Plant, type Scope } from "@oee/model";
import { AUDIT, AUDIT_QUERY, type AuditAnswer, type AuditQuery } from "@oee/protocol";
import type { Entry } from "@oee/review";
import { AUDIT_PAGE_MAX, AUDIT_ROWS_MAX, type AuditRow, type Store } from "@oee/store";
import type { FastifyInstance } from "fastify";
import { periodOf } from "../instants.ts";
import { HttpProblem } from "../problems.ts";
import { isWithinScope } from "../review/parameters.ts";
import { isPartial } from "../access/seen-plant.ts";
import { lineIn } from "../audit/audit-line.ts";
import type { Layout } from "../tabular/columns.ts";
import { formatOf, sendTable, tableAnswers } from "../tabular/send-table.ts";
import { type RouteContext, scopeNamed } from "./context.ts";
import { concerns } from "../review/concerns.ts";
import { withoutFigures } from "./entries.ts";

/** A line of the answer, with its instant as epoch ms, for sorting. */
type AuditLine = Omit<AuditAnswer, "at" | "address"> & { readonly at: number; readonly address?: string | null };

const LINES: Layout<AuditLine> = {
  json: ({ at, address = null, ...line }) => ({ ...line, at: formatInstant(at), address }),
  columns: [
    { name: "at", kind: "instant", of: ({ at }) => at },
    { name: "kind", kind: "text", of: ({ kind }) => kind },
    { name: "by", kind: "text", of: ({ by }) => by },
    { name: "scope", kind: "text", of: ({ scope }) => scope },
    { name: "what", kind: "text", of: ({ what }) => what },
    { name: "before", kind: "text", of: ({ before }) => (before === null ? null : JSON.stringify(before)) },
    { name: "after", kind: "text", of: ({ after }) => (after === null ? null : JSON.stringify(after)) },
    { name: "address", kind: "text", of: ({ address = null }) => address },
  ],
};

/** Most lines of the topic in one answer. */
const ROWS_MAX = 100_000;

/**
 * Kinds of lines of the topic that are no lines of the answer: it has these changes as corrections and entries already. A line
 * says when one was made, from where, and what was before: `at` of a correction or an entry is what its sender says.
 */
const LISTED_AS_EVENTS: ReadonlySet<string> = new Set(["correction", "corrections", "entry"]);

/** The answer's kind by the kind of a line of the topic; every other is `access`. */
const KINDS: Readonly<Record<string, AuditLine["kind"]>> = {
  recompute: "recompute",
  recomputed: "recompute",
  repair: "recompute",
  repaired: "recompute",
  "plant-file": "plant",
  settings: "settings",
  migrate: "settings",
  schema: "settings",
  topics: "settings",
  "topics-grown": "settings",
};

export function auditRoutes(
  app: FastifyInstance,
  { options, pastOf, wholePlant, guard, note, review, turnstile }: RouteContext,
): void {
  const { clock, store } = options;
  app.get<{ Querystring: AuditQuery }>(
    "/audit",
    {
      schema: {
        summary: "What people changed: entries, corrections, recomputations, plant files",
        querystring: AUDIT_QUERY,
        response: tableAnswers("By the instant at which it was done, then in the order of the log", AUDIT),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const { query } = request;
      const { plant } = await pastOf(request);
      const now = clock();
      const scope = scopeNamed(plant, query.scope);
      const { from, to } = periodOf(query.from, query.to, now);
      const asked = { table: "audit", from: formatInstant(from), to: formatInstant(to), format };
      await note(request, { kind: "personal-data-exported", what: "", scope: scope.path, before: null, after: asked });
      const trail = await turnstile.run(() => store.auditTrail(AUDIT_PAGE_MAX));
      const access = await turnstile.run(() => rowsOf(store, { from, to: to + 1 }));
      // What was made after the period may name an instant within it.
      const later = to < now ? await turnstile.run(() => laterRowsOf(store, to + 1)) : [];
      const made = madeBy(wholePlant().plant, [...access, ...later]);
      // A recompute may be both in the table that releases before the topic wrote, and on the topic: it is listed once.
      const chained = new Set(access.map(({ what }) => what));
      // Lines about the whole plant are for callers who see the whole plant.
      const isSeen = (path: string): boolean =>
        plant.scopes.has(path)
          ? isWithinScope(plant, path, scope) && !(path === "*" && isPartial(plant))
          : !isPartial(plant);
      const shown = guard.shown(request);
      const lines = await review.answers.of(
        request,
        reply,
        (facts, { programme }) => [
          ...entryLines(programme.book.all(), scope, made),
          ...scope.machines.flatMap((machine) =>
            facts.correctionsOf(machine).map((correction): AuditLine => {
              const { at, id, by, reason, state, clear } = correction;
              const span = { from: formatInstant(correction.from), to: formatInstant(correction.to) };
              const after = {
                ...span,
                ...(clear ? { clear } : state === null ? { reason } : { state }),
                note: correction.note,
              };
              const told = made.get(correctionKey(machine.id, id ?? ""));
              const line = { kind: "correction", by, scope: machine.path, what: "correction" } as const;
              if (told === undefined) return { at, ...line, before: null, after };
              return {
                ...line,
                at: told.at,
                before: told.before,
                after: { ...after, ...saidAt(at, told) },
                address: told.address,
              };
            }),
          ),
          ...trail.flatMap((one): AuditLine[] => {
            if (!isSeen(one.scope) || chained.has(one.id)) return [];
            const kind = /recompute|repair/.test(one.action)
              ? "recompute"
              : /plant/.test(one.action)
                ? "plant"
                : "other";
            const span = {
              from: one.from === null ? null : formatInstant(one.from),
              to: one.to === null ? null : formatInstant(one.to),
            };
            const after = { ...span, plantVersion: one.plantVersion, detail: one.detail };
            return [{ at: one.at, kind, by: one.actor, scope: one.scope, what: one.action, before: null, after }];
          }),
          ...access.flatMap((row) => (isSeen(row.scope) ? accessLine(row) : [])),
        ],
        now,
      );
      const rows = lines
        .filter(({ at }) => at >= from && at <= to)
        .filter(({ kind }) => query.kind === undefined || kind === query.kind)
        .filter(({ by }) => query.by === undefined || by === query.by || shown(by ?? "") === query.by)
        .sort((a, b) => a.at - b.at || compareCodePoints(a.kind, b.kind));
      return sendTable(reply, format, [rows], LINES, { reflects: now, from, to }, shown);
    },
  );
}

/** All lines of a period, in the order of the topic. Throws `HttpProblem` where they are more than one answer has: none is left out silently. */
async function rowsOf(
  store: Pick<Store, "auditRows">,
  period: { readonly from: number; readonly to: number },
): Promise<readonly AuditRow[]> {
  const rows: AuditRow[] = [];
  for (;;) {
    const offset = (rows.at(-1)?.offset ?? -1) + 1;
    const page = await store.auditRows({ ...period, offset, limit: AUDIT_ROWS_MAX });
    rows.push(...page);
    if (page.length < AUDIT_ROWS_MAX) return rows;
    if (rows.length >= ROWS_MAX) {
      throw new HttpProblem(
        "OEE_HTTP_INVALID_PARAMETER",
        `from, to: the period has more than ${ROWS_MAX} lines; expected a shorter one`,
        { parameter: "from" },
      );
    }
  }
}

/** The lines about corrections and entries from an instant on; of very many the first. */
async function laterRowsOf(store: Pick<Store, "auditRows">, from: number): Promise<readonly AuditRow[]> {
  const rows: AuditRow[] = [];
  for (const kind of ["correction", "entry", "entry-refused"]) {
    for (let offset = 0, pages = 0; pages < ROWS_MAX / AUDIT_ROWS_MAX; pages++) {
      const page = await store.auditRows({ from, kind, offset, limit: AUDIT_ROWS_MAX });
      rows.push(...page);
      if (page.length < AUDIT_ROWS_MAX) break;
      offset = (page.at(-1)?.offset ?? 0) + 1;
    }
  }
  return rows;
}

/** What a line of the topic says of a correction or an entry. */
interface Made extends Pick<AuditLine, "before"> {
  /** When the gateway took it (epoch ms). */
  readonly at: number;
  readonly address: string | null;
}

const correctionKey = (machine: string, id: string): string => `correction ${machine} ${id}`;
const entryKey = (what: string, rev: unknown): string => `entry ${what} ${String(rev)}`;

/** The first line about each correction and each revision of an entry, without those of revisions that another one overtook. */
function madeBy({ machineById }: Plant, rows: readonly AuditRow[]): ReadonlyMap<string, Made> {
  const told = rows.flatMap((row) => {
    const { kind, what, scope } = row;
    if (kind !== "correction" && kind !== "entry" && kind !== "entry-refused") return [];
    const { before = null, after = null } = lineIn(Buffer.from(row.raw)) ?? {};
    const machine = machineById.get(scope)?.id ?? scope;
    return [
      { row, before, key: kind === "correction" ? correctionKey(machine, what) : entryKey(what, after?.["rev"]) },
    ];
  });
  const overtaken = new Set(
    told.flatMap(({ row, key }) => (row.kind === "entry-refused" ? [`${key} ${row.who}`] : [])),
  );
  const made = new Map<string, Made>();
  for (const { row, before, key } of told) {
    if (made.has(key) || overtaken.has(`${key} ${row.who}`)) continue;
    made.set(key, { at: row.at, before, address: row.from === "" ? null : row.from });
  }
  return made;
}

/** The instant of a correction where its sender gave one: a second or more from that at which it was taken. */
function saidAt(at: number, told: Made): { readonly at?: string } {
  return Math.abs(at - told.at) < 1_000 ? {} : { at: formatInstant(at) };
}

function entryLines(entries: readonly Entry[], scope: Scope, made: ReadonlyMap<string, Made>): AuditLine[] {
  const former = new Map<string, Readonly<Record<string, unknown>>>();
  return entries.flatMap((entry): AuditLine[] => {
    const key = `${entry.type}/${entry.id}`;
    const before = former.get(key) ?? null;
    const after = withoutFigures(entry.raw);
    former.set(key, after);
    if (!concerns(entry, scope.path)) return [];
    const own = entry.type === "pilot" || entry.type === "acknowledgement" ? scope.path : entry.scope.path;
    const told = made.get(entryKey(key, entry.rev));
    const { at = entry.at ?? 0, address = null } = told ?? {};
    return [{ at, kind: "entry", by: entry.by, scope: own, what: key, before, after, address }];
  });
}

function accessLine({ raw, kind, at, who, scope, what, from }: AuditRow): AuditLine[] {
  if (LISTED_AS_EVENTS.has(kind)) return [];
  const { before = null, after = null } = lineIn(Buffer.from(raw)) ?? {};
  const done = what === "" ? kind : `${kind} ${what}`;
  return [
    {
      at,
      kind: KINDS[kind] ?? "access",
      by: who === "" ? null : who,
      scope,
      what: done,
      before,
      after,
      address: from === "" ? null : from,
    },
  ];
}
