/**
 * The store: ClickHouse, as a server or inside this process, behind one interface. Delivery: a write that resolves is
 * stored; one that rejects may be, and is repeated at will, since keys and versions make every write idempotent. Reads
 * see every acknowledged write, and of each key only the newest version.
 */
import type { Readable } from "node:stream";
import { type DoubtedTotal, type Row, RowBatch, type StopSegment } from "@oee/model";
import { Turn } from "@oee/pacing";
import { type GroupSums, type GroupSumsQuery, sumGroups } from "./group-sums.ts";
import { newestMinutes, productsInForce, type SumsQuery, sumComponents } from "./component-sums.ts";
import type { SummedRows } from "./summed-answer.ts";
import {
  type EventsQuery,
  type EventType,
  eventsBefore,
  type HistoryStart,
  historyStart,
  type IdsQuery,
  lastIds,
  storedEvents,
  totalsBefore,
  type TotalsBefore,
} from "./event-queries.ts";
import {
  DAY_SUMS_DEFAULT,
  type DaySumsPolicy,
  type DaysQuery,
  type DaySumThatDiffers,
  daySumsThatDiffer,
  forgetDaySums,
  sumDays,
} from "./day-sums.ts";
import { countDoubts, doubtColumns, doubtedTotals } from "./doubted-totals.ts";
import { EventBatch } from "./event-batch.ts";
import type { EventRecord } from "./event-record.ts";
import { EVENT_COLUMNS } from "./event-table.ts";
import { type ExportQuery, exportTable, storedRows } from "./export.ts";
import { insertAssetDays } from "./asset-days.ts";
import {
  type AuditExtent,
  auditExtent,
  type AuditQuery,
  type AuditRow,
  auditRows,
  insertAuditRows,
} from "./audit-log.ts";
import { type AuditEntry, auditTrail, type PlantFile, plantFile, recordAudit, savePlant } from "./journal.ts";
import { kpiMinuteColumns, type Stamp, type StampOf, type StoredRow } from "./kpi-minute-table.ts";
import { madeAt } from "./identity.ts";
import type { Machines } from "./machine-filter.ts";
import { type MigrationReport, migrate, schemaOf } from "./migrate.ts";
import { applyRetention, type Retention } from "./retention.ts";
import {
  type PlantSpan,
  plantSpans,
  type PlantVersion,
  plantVersions,
  type PlantVersionsQuery,
} from "./plant-versions.ts";
import { type StatesAround, statesAround, type StatesAroundQuery } from "./states-around.ts";
import { gapsInRows, type RowGap } from "./row-gaps.ts";
import {
  corrections,
  type EventsAfter,
  eventsAfter,
  lateEvents,
  type LateQuery,
  longestStops,
  machinesHeard,
  type MachinesInPeriod,
  machinesSeen,
  periodsAbove1,
  type SilenceOf,
  silences,
  stateEvents,
  storedPositions,
} from "./review-queries.ts";
import {
  assetDaysThatDiffer,
  type AssetSeen,
  assetsSeen,
  entriesEnd,
  insertAlerts,
  insertEntries,
  insertLatencies,
  insertMessages,
  insertPresentedReviews,
  insertUndeclared,
  type LatencyCount,
  latencyCounts,
  type LatencyTotal,
  type PresentedReview,
  presentedReviews,
  rebuildAssetDay,
  type StoredAlert,
  storedAlerts,
  storedEntries,
  type StoredEntry,
  type StoredMessage,
  storedMessages,
  type UndeclaredDay,
} from "./review-tables.ts";
import { RETRY_DEFAULT, type RetryPolicy, retrying } from "./retry.ts";
import { expectCurrent, readOnlyTransport } from "./read-only.ts";
import { retractDoubts, retractRows, retractStops, type Span } from "./retract.ts";
import { type Inventory, inventory } from "./inventory.ts";
import { connectServer, type ServerOptions } from "./server-transport.ts";
import type { Period } from "./period.ts";
import {
  type Pareto,
  type ParetoKey,
  paretoOfStops,
  type StopsPage,
  type StopsQuery,
  type LackingStop,
  stopsOverlapping,
  stopsThatLackReasons,
} from "./stop-queries.ts";
import { NativeBlock } from "./native-block.ts";
import { type Newest, newest } from "./newest.ts";
import { type PartSetAside, partsSetAside } from "./set-aside-parts.ts";
import { stopReasons, type StopReasons, type StopReasonsQuery } from "./stop-reasons.ts";
import { type StopKey, type StopRecord, stopColumns } from "./stop-table.ts";
import { storeBusy, StoreError } from "./store-error.ts";
import type { BoundParameters, Transport } from "./transport.ts";
import {
  isStoredFrom,
  type KeysWritten,
  keysWritten,
  newestVersion,
  oldestWritten,
  type WrittenQuery,
} from "./written.ts";
import { NO_TEXTS, writeBatches } from "./writer.ts";

export type StoreOptions = StoreConnection & {
  readonly retry?: Partial<RetryPolicy>;
  readonly daySums?: Partial<DaySumsPolicy>;
  /** Nothing that would change something is sent (`OEE_STORE_READ_ONLY`), and `migrate` only looks whether the tables are of this version. */
  readonly readOnly?: boolean;
};

export type StoreConnection =
  /** ClickHouse inside this process, on a folder of its own; one store per process. */
  | { readonly embedded: { readonly path: string } }
  /** A server; with `cluster`, tables are made on all of its nodes and replicate. */
  | (ServerOptions & { readonly cluster?: string });

export interface Store {
  readonly kind: "server" | "embedded";
  /** Makes or updates the tables; call it once before anything else. Safe to repeat, also in several processes. */
  migrate(options?: { readonly retention?: Retention }): Promise<MigrationReport>;
  /** The number of the newest migration that the database has; 0: none. */
  schema(): Promise<number>;
  /** Resolves when ClickHouse answers. */
  ping(): Promise<void>;

  /** Rows of which all components are 0 take back what is stored under their key. */
  insertRows(rows: RowBatch | readonly Row[], stamp: StampOf): Promise<void>;
  /** Stores segments; `gone` names stored ones to take back. */
  insertStops(stops: readonly StopSegment[], stamp: StampOf, gone?: readonly StopKey[]): Promise<void>;
  /** Stores doubted totals, and takes back those that are doubted no more. */
  insertDoubts(totals: readonly DoubtedTotal[], stamp: StampOf): Promise<void>;
  insertEvents(events: EventBatch | readonly EventRecord[]): Promise<void>;
  /** Takes back the machine's rows in the span that are older than the stamp: what a recompute did not write again. */
  retractRows(span: Span, stamp: Stamp): Promise<void>;
  /** The same for segments of stops that start in the span. */
  retractStops(span: Span, stamp: Stamp): Promise<void>;
  /** The same for doubted totals of the span. */
  retractDoubts(span: Span, stamp: Stamp): Promise<void>;

  /** Into an empty batch of the caller's, where one is given. */
  sums(query: SumsQuery, into?: RowBatch): Promise<SummedRows>;
  /** Sums of machines together; rows into an empty batch of the caller's, where one is given. */
  groupSums(query: GroupSumsQuery, into?: RowBatch): Promise<GroupSums>;
  /** Sums days that are over, and were not or are written since, at most so many machines × days; answers how many. */
  sumDays(query: DaysQuery, max: number): Promise<number>;
  /** Kept sums of days that are others than those of their minutes. */
  daySumsThatDiffer(): Promise<readonly DaySumThatDiffers[]>;
  /** Has the days that the dates (UTC) of a period of a machine touch summed again. */
  forgetDaySums(machine: string, period: Period): Promise<void>;
  products(query: { readonly machines: Machines; readonly period: Period }): Promise<(string | null)[]>;
  newestMinutes(machines: Machines, before?: number, since?: number): Promise<Map<string, number>>;
  rows(query: { readonly machines: Machines; readonly period: Period }): AsyncIterable<StoredRow[]>;
  /** Gaps between the rows of a period, by machine and time; machines without rows are missing. Rejects when there are too many. */
  gaps(query: { readonly machines: Machines; readonly period: Period }): Promise<RowGap[]>;
  stops(query: StopsQuery): Promise<StopsPage>;
  /** By machine, the first instant (epoch ms) of rows, stops and doubted totals whose newest version lies in the spans; retracted ones included. */
  oldestWritten(query: WrittenQuery): Promise<Map<string, number>>;
  /** The keys of it. */
  keysWritten(query: WrittenQuery): Promise<KeysWritten>;
  /** Counts what is stored of the period, by machine. */
  inventory(query: { readonly machines: Machines; readonly period: Period }): Promise<Map<string, Inventory>>;
  /** The greatest version of the machines' rows, stops and doubted totals, also of those that were taken back; 0 where there is none. */
  newestVersion(machines: Machines): Promise<bigint>;
  /** Whether anything of the machines is stored under this version or a greater one. */
  isStoredFrom(machines: Machines, version: bigint): Promise<boolean>;
  /** When its first tables were made (seconds since 1970): tells it from another store. */
  madeAt(): Promise<number>;
  pareto(query: {
    readonly machines: Machines;
    readonly period: Period;
    readonly by: readonly ParetoKey[];
  }): Promise<Pareto>;

  /** Stops, minor ones aside, of which segments lack a reason. */
  stopsThatLackReasons(query: MachinesInPeriod & { readonly vague: readonly string[] }): Promise<LackingStop[]>;
  /** Which stops of a period need a reason, and whether they got one in time, as far as stored rows alone tell it. */
  stopReasons(query: StopReasonsQuery): Promise<StopReasons>;
  /** Segments of all stops that can be among the longest so many of a period; minor ones aside. */
  longestStops(query: MachinesInPeriod & { readonly limit: number }): Promise<StopSegment[]>;
  /** The plant files by which the rows of a period were computed. */
  plantVersions(query: PlantVersionsQuery): Promise<readonly PlantVersion[]>;
  /** Which plant file made which of a machine's stored rows, by time. */
  plantSpans(machine: string): Promise<readonly PlantSpan[]>;
  /** The machines of which an event that is no correction lies in the period. */
  machinesSeen(query: MachinesInPeriod): Promise<Set<string>>;
  /** Events of a period after which no other came in it for longer than so long, by machine and time. */
  silences(query: MachinesInPeriod & { readonly longerThanMs: number }): Promise<SilenceOf[]>;
  /** When machines were first and last heard of (epoch ms), corrections aside. */
  machinesHeard(machines: Machines): Promise<Map<string, { readonly first: number; readonly last: number }>>;
  /** How many events of before an instant came at another or later (epoch ms), repeats aside. */
  eventsAfter(query: EventsAfter): Promise<number>;
  /** How many events of a period came late, and how many of them at an instant or later. */
  lateEvents(query: LateQuery): Promise<{ readonly count: number; readonly after: number | null }>;
  /** The state events next to instants of machines; instants with none before them are missing. */
  statesAround(query: StatesAroundQuery): Promise<readonly StatesAround[]>;
  /** State events of machines from an instant on and before another (epoch ms), and of each the last so many before. */
  stateEvents(query: {
    readonly machines: Machines;
    readonly from: number;
    readonly to: number;
    readonly before: number;
  }): Promise<EventRecord[]>;
  /** All corrections of machines, by place in the log. */
  corrections(machines: Machines): Promise<EventRecord[]>;
  /** Of how many machines and periods, which follow one another, the ideal time was longer than the time they ran (P-4). */
  periodsAbove1(query: {
    readonly machines: readonly string[];
    readonly periods: readonly Period[];
  }): Promise<ReadonlyMap<string, number>>;
  /** Totals that are doubted (CN-8), by machine, instant and quantity. */
  doubtedTotals(query: MachinesInPeriod): Promise<DoubtedTotal[]>;
  countDoubts(query: MachinesInPeriod): Promise<number>;
  /** By partition of a topic, one past the greatest offset of a stored event. */
  storedPositions(topic: string): Promise<Map<number, number>>;

  /** What the review keeps (review-tables.ts). Writing the same again changes nothing, but for latencies, which add up. */
  insertEntries(entries: readonly StoredEntry[]): Promise<void>;
  insertPresentedReviews(reviews: readonly PresentedReview[]): Promise<void>;
  insertLatencies(counts: readonly LatencyCount[]): Promise<void>;
  /** `version`: greater than that of earlier writes of the same alerts. */
  insertAlerts(alerts: readonly StoredAlert[], version: bigint): Promise<void>;
  insertMessages(messages: readonly StoredMessage[]): Promise<void>;
  insertUndeclared(days: readonly UndeclaredDay[]): Promise<void>;
  /** Revisions of entries from an offset on; at most 100,000. */
  storedEntries(fromOffset: number): Promise<StoredEntry[]>;
  /** One past the greatest offset of a stored entry. */
  entriesEnd(): Promise<number>;
  presentedReviews(): Promise<PresentedReview[]>;
  /** Alerts that opened in a period, or were not over or withdrawn before it; or those of some tickets. */
  alerts(asked: Period | { readonly tickets: readonly string[] }): Promise<StoredAlert[]>;
  messages(asked: { readonly dueFrom: number } | { readonly tickets: readonly string[] }): Promise<StoredMessage[]>;
  latencies(query: MachinesInPeriod): Promise<LatencyTotal[]>;
  /** Machines that were heard of, declared or not, with when first and last (epoch ms). */
  assetsSeen(): Promise<AssetSeen[]>;
  /** Days of `asset_days` whose first or last event is another than the raw events say. */
  assetDaysThatDiffer(): ReturnType<typeof assetDaysThatDiffer>;
  /** Writes such a day as the raw events have it. */
  rebuildAssetDay(machine: string, date: string): Promise<void>;

  events(query: EventsQuery): AsyncIterable<EventRecord[]>;
  eventsBefore(query: {
    readonly machine: string;
    readonly types: readonly EventType[];
    readonly before: number;
    readonly limit: number;
  }): Promise<EventRecord[]>;
  totalsBefore(query: { readonly machine: string; readonly before: number }): Promise<TotalsBefore>;
  /** By machine, the ids of the last events that have one and are no repeats (CN-4), oldest first. */
  lastIds(query: IdsQuery): Promise<Map<string, string[]>>;
  /** The first stored row and raw event of a machine, and the instant before which raw events may be gone (epoch ms). */
  historyStart(machine: string, corrected: readonly Period[]): Promise<HistoryStart>;

  export(query: ExportQuery): Promise<Readable>;

  savePlant(plant: PlantFile): Promise<void>;
  plantFile(version?: string): Promise<PlantFile | null>;
  recordAudit(entry: AuditEntry): Promise<void>;
  auditTrail(limit: number): Promise<AuditEntry[]>;
  /** Lines of the audit; one that is there already changes nothing. */
  insertAudit(rows: readonly AuditRow[]): Promise<void>;
  /** How far the table has them. */
  auditExtent(): Promise<AuditExtent>;
  /** In the order of the topic. */
  auditRows(query: AuditQuery): Promise<AuditRow[]>;

  /** The greatest offset and version in the store. */
  newest(): Promise<Newest>;
  /** Parts that ClickHouse could not read and set aside: their rows are missing. */
  partsSetAside(): Promise<PartSetAside[]>;

  /** Waits for what is under way, ends retries, refuses what comes later. */
  close(): Promise<void>;
}

/** Calls that may wait for an insert into the same table. */
const WRITES_WAITING_MAX = 64;

/** Throws `StoreError`. Nothing is sent to a server before the first call. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const embedded = "embedded" in options;
  const whole = embedded ? await openEmbedded(options.embedded) : connectServer(options);
  const readOnly = options.readOnly === true;
  return storeOn(
    readOnly ? readOnlyTransport(whole) : whole,
    readOnly,
    embedded ? null : (options.cluster ?? null),
    { ...RETRY_DEFAULT, ...options.retry },
    { ...DAY_SUMS_DEFAULT, ...options.daySums },
  );
}

/** The engine is loaded where it is used alone: it weighs half a gigabyte, and an installation may leave it out. */
async function openEmbedded(options: { readonly path: string }): Promise<Transport> {
  const { connectEmbedded } = await import("./embedded-transport.ts").catch((error: unknown) => {
    throw new StoreError(
      "OEE_STORE_OPEN_FAILED",
      "this installation has no embedded ClickHouse: expected the package chdb with its library, or a server named with --clickhouse",
      { cause: error },
    );
  });
  return connectEmbedded(options);
}

/** Writes of a table, one after the other, and the memory that they use. */
interface WriteTurn {
  readonly turn: Turn;
  readonly block: NativeBlock;
}

function storeOn(
  connection: Transport,
  readOnly: boolean,
  cluster: string | null,
  policy: RetryPolicy,
  daySums: DaySumsPolicy,
): Store {
  const closing = new AbortController();
  const underway = new Set<Promise<unknown>>();
  const transport = retryingTransport(connection, policy, closing.signal);
  const turnOf = (): WriteTurn => ({ turn: new Turn(WRITES_WAITING_MAX, storeBusy), block: new NativeBlock() });
  const turns = { events: turnOf(), kpi_minutes: turnOf(), stops: turnOf(), doubted_totals: turnOf() };

  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closing.signal.aborted) throw new StoreError("OEE_STORE_CLOSED", "the store is closed");
    const promise = work();
    underway.add(promise);
    try {
      return await promise;
    } finally {
      underway.delete(promise);
    }
  };
  const write = (table: keyof typeof turns, work: (block: NativeBlock) => Promise<void>): Promise<void> =>
    call(() => turns[table].turn.run(() => work(turns[table].block)));

  return {
    kind: transport.kind,
    migrate: (wanted = {}) =>
      call(async () => {
        if (readOnly) return expectCurrent(transport);
        const report = await migrate(transport, cluster);
        if (wanted.retention !== undefined) await applyRetention(transport, cluster, wanted.retention);
        return report;
      }),
    schema: () => call(() => schemaOf(transport)),
    ping: () => call(() => transport.ping()),

    insertRows: (rows, stamp) =>
      write("kpi_minutes", (block) => {
        const batch = rows instanceof RowBatch ? rows : RowBatch.of(rows);
        return writeBatches(transport, "kpi_minutes", kpiMinuteColumns(stamp), batch, NO_TEXTS, block);
      }),
    insertStops: (stops, stamp, gone = []) =>
      write("stops", (block) =>
        writeBatches<readonly StopRecord[]>(
          transport,
          "stops",
          stopColumns(stamp),
          [...stops, ...gone],
          NO_TEXTS,
          block,
        ),
      ),
    insertDoubts: (totals, stamp) =>
      write("doubted_totals", (block) =>
        writeBatches(transport, "doubted_totals", doubtColumns(stamp), totals, NO_TEXTS, block),
      ),
    insertEvents: (events) =>
      write("events", async (block) => {
        const batch = events instanceof EventBatch ? events : EventBatch.of(events);
        await writeBatches(transport, "events", EVENT_COLUMNS, batch, (i) => batch.rawLengthAt(i), block);
        await insertAssetDays(transport, batch, block);
      }),
    retractRows: (span, stamp) => write("kpi_minutes", () => retractRows(transport, span, stamp)),
    retractStops: (span, stamp) => write("stops", () => retractStops(transport, span, stamp)),
    retractDoubts: (span, stamp) => write("doubted_totals", () => retractDoubts(transport, span, stamp)),

    sums: (query, into) => call(() => sumComponents(transport, query, into, daySums)),
    groupSums: (query, into) => call(() => sumGroups(transport, query, into, daySums)),
    sumDays: (query, max) => call(() => sumDays(transport, query, max, daySums)),
    daySumsThatDiffer: () => call(() => daySumsThatDiffer(transport)),
    forgetDaySums: (machine, period) => call(() => forgetDaySums(transport, machine, period)),
    products: (query) => call(() => productsInForce(transport, query)),
    newestMinutes: (machines, before, since) => call(() => newestMinutes(transport, machines, before, since)),
    rows: (query) => storedRows(transport, query),
    gaps: (query) => call(() => gapsInRows(transport, query)),
    stops: (query) => call(() => stopsOverlapping(transport, query)),
    oldestWritten: (query) => call(() => oldestWritten(transport, query)),
    keysWritten: (query) => call(() => keysWritten(transport, query)),
    inventory: (query) => call(() => inventory(transport, query)),
    newestVersion: (machines) => call(() => newestVersion(transport, machines)),
    isStoredFrom: (machines, version) => call(() => isStoredFrom(transport, machines, version)),
    madeAt: () => call(() => madeAt(transport)),
    pareto: (query) => call(() => paretoOfStops(transport, query)),
    stopsThatLackReasons: (query) => call(() => stopsThatLackReasons(transport, query)),
    stopReasons: (query) => call(() => stopReasons(transport, query)),
    longestStops: (query) => call(() => longestStops(transport, query)),
    plantVersions: (query) => call(() => plantVersions(transport, query, daySums)),
    plantSpans: (machine) => call(() => plantSpans(transport, machine)),
    machinesSeen: (query) => call(() => machinesSeen(transport, query)),
    silences: (query) => call(() => silences(transport, query)),
    machinesHeard: (machines) => call(() => machinesHeard(transport, machines)),
    statesAround: (query) => call(() => statesAround(transport, query)),
    stateEvents: (query) => call(() => stateEvents(transport, query)),
    lateEvents: (query) => call(() => lateEvents(transport, query)),
    eventsAfter: (query) => call(() => eventsAfter(transport, query)),
    corrections: (machines) => call(() => corrections(transport, machines)),
    periodsAbove1: (query) => call(() => periodsAbove1(transport, query, daySums)),
    doubtedTotals: (query) => call(() => doubtedTotals(transport, query)),
    countDoubts: (query) => call(() => countDoubts(transport, query)),
    storedPositions: (topic) => call(() => storedPositions(transport, topic)),
    insertEntries: (entries) => call(() => insertEntries(transport, entries)),
    insertPresentedReviews: (reviews) => call(() => insertPresentedReviews(transport, reviews)),
    insertLatencies: (counts) => call(() => insertLatencies(transport, counts)),
    insertAlerts: (alerts, version) => call(() => insertAlerts(transport, alerts, version)),
    insertMessages: (messages) => call(() => insertMessages(transport, messages)),
    insertUndeclared: (days) => call(() => insertUndeclared(transport, days)),
    storedEntries: (fromOffset) => call(() => storedEntries(transport, fromOffset)),
    entriesEnd: () => call(() => entriesEnd(transport)),
    presentedReviews: () => call(() => presentedReviews(transport)),
    alerts: (asked) => call(() => storedAlerts(transport, asked)),
    messages: (asked) => call(() => storedMessages(transport, asked)),
    latencies: (query) => call(() => latencyCounts(transport, query)),
    assetsSeen: () => call(() => assetsSeen(transport)),
    rebuildAssetDay: (machine, date) => call(() => rebuildAssetDay(transport, machine, date)),
    assetDaysThatDiffer: () => call(() => assetDaysThatDiffer(transport)),
    events: (query) => storedEvents(transport, query),
    lastIds: (query) => call(() => lastIds(transport, query)),
    eventsBefore: (query) => call(() => eventsBefore(transport, query)),
    totalsBefore: (query) => call(() => totalsBefore(transport, query)),
    historyStart: (machine, corrected) => call(() => historyStart(transport, machine, corrected)),
    export: (query) => call(() => exportTable(transport, query)),

    savePlant: (plant) => call(() => savePlant(transport, plant)),
    plantFile: (version) => call(() => plantFile(transport, version)),
    recordAudit: (entry) => call(() => recordAudit(transport, entry)),
    auditTrail: (limit) => call(() => auditTrail(transport, limit)),
    insertAudit: (rows) => call(() => insertAuditRows(transport, rows)),
    auditExtent: () => call(() => auditExtent(transport)),
    auditRows: (query) => call(() => auditRows(transport, query)),
    newest: () => call(() => newest(transport)),
    partsSetAside: () => call(() => partsSetAside(transport)),

    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      await Promise.allSettled(underway);
      await transport.close();
    },
  };
}

/** A number that is none would be an error of ClickHouse's, which sounds as if the store were away. */
function finite<P extends BoundParameters | undefined>(parameters: P): P {
  for (const [name, value] of Object.entries(parameters ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one !== "number" || Number.isFinite(one)) continue;
      throw new StoreError("OEE_STORE_INVALID", `${name} is ${one}; a finite number is expected`);
    }
  }
  return parameters;
}

function retryingTransport(transport: Transport, policy: RetryPolicy, signal: AbortSignal): Transport {
  return {
    kind: transport.kind,
    ping: () => retrying(policy, signal, "query ClickHouse", () => transport.ping()),
    command: (sql, parameters) =>
      retrying(policy, signal, "run a statement in ClickHouse", () => transport.command(sql, finite(parameters))),
    rows: <T>(sql: string, parameters?: BoundParameters) =>
      retrying(policy, signal, "query ClickHouse", () => transport.rows<T>(sql, finite(parameters))),
    columns: (sql, parameters) =>
      retrying(policy, signal, "query ClickHouse", () => transport.columns(sql, finite(parameters))),
    insert: (into, native) =>
      retrying(policy, signal, `insert into ${into.split(" ", 1)[0]}`, () => transport.insert(into, native)),
    stream: (sql, parameters, format) =>
      retrying(policy, signal, "query ClickHouse", () => transport.stream(sql, finite(parameters), format)),
    close: () => transport.close(),
  };
}
