/**
 * `GET /events` gives the events from which a figure or a stop is computed: those of a machine and a period as they came,
 * with the state and the job in force when the period begins, and all corrections whose span overlaps it, whenever they were
 * made. Repeats (CN-4) are left out.
 */
import { formatInstant, instantIn } from "@oee/model";
import { RAW_EVENT, RAW_EVENTS_QUERY, type RawEventAnswer, type RawEventsQuery } from "@oee/protocol";
import type { EventRecord, Store } from "@oee/store";
import type { FastifyInstance } from "fastify";
import { periodOf } from "../instants.ts";
import type { Layout } from "../tabular/columns.ts";
import { formatOf, sendTable, tableAnswers } from "../tabular/send-table.ts";
import { machineNamed, type RouteContext } from "./context.ts";
import { auditExport } from "./audit-export.ts";

/** Corrections that were made more than this before the period are not looked at: they would be of time that had not come then. */
const CORRECTED_AHEAD_MS = 31 * 86_400_000;
const CORRECTIONS_MAX = 10_000;

interface RawEvent extends EventRecord {
  readonly bearing: RawEventAnswer["bearing"];
}

const RAW_EVENTS: Layout<RawEvent, RawEventAnswer> = {
  json: ({ machine, type, at, receivedAt, bearing, id, topic, partition, offset, index, raw }) => ({
    ...{ machine, type, at: formatInstant(at), receivedAt: formatInstant(receivedAt), bearing },
    ...{ id, topic, partition, offset, index, raw },
  }),
  columns: [
    { name: "machine", kind: "text", of: ({ machine }) => machine },
    { name: "type", kind: "text", of: ({ type }) => type },
    { name: "at", kind: "instant", of: ({ at }) => at },
    { name: "receivedAt", kind: "instant", of: ({ receivedAt }) => receivedAt },
    { name: "bearing", kind: "text", of: ({ bearing }) => bearing },
    { name: "id", kind: "text", of: ({ id }) => id },
    { name: "topic", kind: "text", of: ({ topic }) => topic },
    { name: "partition", kind: "number", of: ({ partition }) => partition },
    { name: "offset", kind: "number", of: ({ offset }) => offset },
    { name: "index", kind: "number", of: ({ index }) => index },
    { name: "raw", kind: "text", of: ({ raw }) => raw },
  ],
};

export function rawEventRoutes(app: FastifyInstance, context: RouteContext): void {
  const { options, pastOf, guard, turnstile } = context;
  const { store, clock } = options;
  app.get<{ Querystring: RawEventsQuery }>(
    "/events",
    {
      schema: {
        summary:
          "Events of a machine as they came: of a period, with what was in force when it begins, and its corrections",
        querystring: RAW_EVENTS_QUERY,
        response: tableAnswers(
          "In force first, then by instant and place in the log, then corrections; where there are more than `limit` within, `oee-next` is the `from` that goes on, with the events of its millisecond once more",
          RAW_EVENT,
        ),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const { query } = request;
      const now = clock();
      const { from, to } = periodOf(query.from, query.to, now);
      const machine = machineNamed((await pastOf(request)).plant, query.machine);
      const events = await turnstile.run(() => bearingOn(store, machine.id, { from, to }, query.limit));
      if (events.next !== null) void reply.header("oee-next", formatInstant(events.next));
      // Corrections among the events name who made them.
      if (events.rows.some(({ type }) => type === "correction")) {
        await auditExport(context, request, { table: "events", scope: machine.path, format, period: { from, to } });
      }
      const rows = events.rows.map((event) => ({ ...event, machine: machine.path }));
      return sendTable(reply, format, [rows], RAW_EVENTS, { reflects: now, from, to }, guard.shown(request));
    },
  );
}

interface Period {
  readonly from: number;
  readonly to: number;
}

async function bearingOn(
  store: Store,
  machine: string,
  { from, to }: Period,
  limit: number,
): Promise<{ readonly rows: readonly RawEvent[]; readonly next: number | null }> {
  const inForce: EventRecord[] = [];
  for (const type of ["state", "job"] as const) {
    inForce.push(...(await store.eventsBefore({ machine, types: [type], before: from, limit: 1 })));
  }
  const within = await taken(store.events({ machine, from, to, order: "time" }), limit + 1, isNoCorrection);
  const made = await taken(
    store.events({ machine, from: from - CORRECTED_AHEAD_MS, types: ["correction"], order: "time" }),
    CORRECTIONS_MAX,
    (event) => overlaps(event, from, to),
  );
  const as = (events: readonly EventRecord[], bearing: RawEvent["bearing"]): readonly RawEvent[] =>
    events.map((event) => ({ ...event, bearing }));
  return {
    rows: [...as(inForce, "in-force"), ...as(within.slice(0, limit), "within"), ...as(made, "correction")],
    next: within[limit]?.at ?? null,
  };
}

async function taken(
  batches: AsyncIterable<readonly EventRecord[]>,
  max: number,
  which: (event: EventRecord) => boolean,
): Promise<EventRecord[]> {
  const found: EventRecord[] = [];
  for await (const batch of batches) {
    for (const event of batch) if (which(event)) found.push(event);
    if (found.length >= max) break;
  }
  return found.slice(0, max);
}

function isNoCorrection({ type }: EventRecord): boolean {
  return type !== "correction";
}

/** Whether the span of a correction, read from its raw JSON, overlaps `[from, to)`; without an end the span goes on. */
function overlaps({ raw }: EventRecord, from: number, to: number): boolean {
  const span = JSON.parse(raw) as { readonly from?: unknown; readonly to?: unknown };
  const begin = instantIn(span.from) ?? -Infinity;
  const end = instantIn(span.to) ?? Infinity;
  return begin < to && end > from;
}
