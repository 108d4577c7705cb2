/**
 * Which stops of a period need a reason and whether they got one in time (RS-1, RS-2), as far as stored rows alone tell it.
 * Most do: a state event names the reason when the segment begins, or while it lasts, and so in time. What they do not tell
 * is left to the caller, segment by segment.
 */
import { compareCodePoints, type StopSegment } from "@oee/model";
import { mapGivingWay } from "@oee/pacing";
import { listsOf, machineFilter } from "./machine-filter.ts";
import { INSTANTS_MAX, machineInstants } from "./machine-instants.ts";
import type { Period } from "./period.ts";
import { fewSegments } from "./stop-queries.ts";
import { type StopJson, stopSegmentOf } from "./stop-table.ts";
import { StoreError } from "./store-error.ts";
import type { BoundParameters, Transport } from "./transport.ts";

export interface StopReasonsQuery {
  readonly machines: readonly string[];
  /** `[from, to)` in epoch ms. */
  readonly period: Period;
  /** Stops that begin before it are looked at, so that those that cross the end of the period are known whole (epoch ms). */
  readonly lookTo: number;
  /** Of segments that end later it is not known whether their time has passed (epoch ms). */
  readonly passedBefore: number;
  /** By machine, the length (ms of scheduled time) that its stops must have reached to need a reason; others need 0. */
  readonly reasonAfterMs: ReadonlyMap<string, number>;
  /** Those of the machines of which there may be no data while nothing comes from them (TL-4). */
  readonly fallSilent: readonly string[];
  readonly isVague: (reason: string) => boolean;
  /** How many segments that lack a reason are listed. */
  readonly first: number;
}

export interface StopReasons {
  /**
   * Segments that need a reason, have ended, and whose time for it has passed: of those that lack none it is known that they got
   * it in time. `open`: starts (epoch ms) of segments that are not counted here, for stored rows alone do not tell it.
   */
  readonly byMachine: ReadonlyMap<
    string,
    { readonly due: number; readonly lacking: number; readonly open: readonly number[] }
  >;
  /** Of the segments that lack a reason the longest, then by machine and start; some may be open. */
  readonly longest: readonly { readonly machine: string; readonly from: number; readonly scheduledMs: number }[];
  /** Open segments, with all that follow them in their stop; and all that are late (`isLate`). By machine and time. */
  readonly open: readonly StopSegment[];
  /** Whether a stored segment crosses the ends of what is asked, or may go on: those are not counted in `byMachine` either. */
  readonly isLate: (segment: Pick<StopSegment, "from" | "to" | "open">) => boolean;
}

/** A reason that comes so soon after the end of a segment is in time, whatever the shift (RS-2). */
const IN_TIME_MS = 30 * 60_000;
/** As far as instants that ClickHouse reads in the text of a correction may be off. */
const TEXT_MS = 1_000;
/** Segments to be looked at one by one in one answer. */
const OPEN_MAX = 250_000;
/** Machines in one list: a parameter has at most 128 KiB. */
const NAMES_TOGETHER = 500;
const FAR = "toInt64(9000000000000000)";

/** Throws `StoreError` (`OEE_STORE_TOO_LARGE`). */
export async function stopReasons(transport: Transport, query: StopReasonsQuery): Promise<StopReasons> {
  const passed = Math.min(query.period.to, query.passedBefore);
  const isLate: StopReasons["isLate"] = ({ from, to, open }) => open || from < query.period.from || to > passed;
  if (query.machines.length === 0) return { byMachine: new Map(), longest: [], open: [], isLate };
  const asked = await askedOf(transport, query, passed);
  const rows = await transport.rows<{ machine: string; due: string; lacking: string; open: string[] }>(
    `SELECT machine, sum(needing) AS due, sum(without) AS lacking, arraySort(groupArrayArray(open)) AS open
FROM (${await countsSql(transport, asked)}) GROUP BY machine ORDER BY machine`,
    asked.parameters,
  );
  const byMachine = new Map(
    rows.map(({ machine, due, lacking, open }) => [
      machine,
      { due: Number(due), lacking: Number(lacking), open: open.map(Number) },
    ]),
  );
  const lacks = [...byMachine.values()].some(({ lacking }) => lacking > 0);
  return {
    byMachine,
    longest: lacks ? await longestLacking(transport, asked, query.first) : [],
    open: await openSegments(transport, asked, byMachine),
    isLate,
  };
}

interface Asked {
  /** Condition on machines and time. */
  readonly where: string;
  /** Scheduled ms that a stop of `machine` must have reached. */
  readonly neededMs: string;
  /** The greatest of them; 0: none needs any. */
  readonly longestNeededMs: number;
  readonly machines: string;
  /** Condition on `machine`: it may fall silent. */
  readonly fallsSilent: string;
  readonly parameters: BoundParameters;
}

async function askedOf(transport: Transport, query: StopReasonsQuery, passed: number): Promise<Asked> {
  const filter = machineFilter(query.machines);
  const stored = await transport.rows<{ reason: string }>("SELECT DISTINCT reason FROM oee.stops ORDER BY reason");
  const reasons = stored.map(({ reason }) => reason).filter((reason) => reason !== "");
  const needed = listsOf(
    [...query.reasonAfterMs].filter(([, ms]) => ms > 0),
    NAMES_TOGETHER,
  );
  const silent = listsOf(query.fallSilent, NAMES_TOGETHER);
  return {
    machines: filter.sql,
    fallsSilent:
      silent.length === 0 ? "0" : `(${silent.map((_, i) => `machine IN ({silent${i}:Array(String)})`).join(" OR ")})`,
    // A segment that ends where the period begins tells that the next one goes on with its stop.
    where: `${filter.sql} AND from_time < ${instant("lookTo")} AND to_time >= ${instant("from")}`,
    neededMs: needed.reduce(
      (otherwise, _, i) =>
        `transform(CAST(machine, 'String'), {names${i}:Array(String)}, {needed${i}:Array(Int64)}, ${otherwise})`,
      "toInt64(0)",
    ),
    longestNeededMs: Math.max(0, ...query.reasonAfterMs.values()),
    parameters: {
      ...filter.parameters,
      ...Object.fromEntries(
        needed.flatMap((list, i) => [
          [`names${i}`, list.map(([name]) => name)],
          [`needed${i}`, list.map(([, ms]) => ms)],
        ]),
      ),
      ...Object.fromEntries(silent.map((list, i) => [`silent${i}`, list])),
      from: query.period.from,
      to: query.period.to,
      lookTo: query.lookTo,
      passed,
      vague: ["", ...reasons.filter(query.isVague)],
      telling: reasons.filter((reason) => !query.isVague(reason)),
    },
  };
}

/**
 * Counts by machine, and by stop where its length has to be known: the segments that need a reason, those without one, and those
 * whose reason may have come late, which stored rows do not tell.
 *
 * A reason comes by a correction, whenever that is made, or by a state event while the segment lasts. The latter may be later than
 * the segment's row says where the machine fell silent meanwhile: the segment then goes on, alike, in the machine's next row, or in
 * time that is not scheduled, which has no rows. A segment that a state event ended does not go on, whatever the next row has.
 */
async function countsSql(
  transport: Transport,
  { where, machines, fallsSilent, neededMs, longestNeededMs, parameters }: Asked,
): Promise<string> {
  const hasNeeded = longestNeededMs > 0;
  const segments = `SELECT machine, ${hasNeeded ? "stop" : "''"} AS stop_id, state, reason, plant_version, scheduled_duration_ms AS scheduled,
    toUnixTimestamp64Milli(from_time) AS begins, toUnixTimestamp64Milli(to_time) AS ends, ${hasNeeded ? neededMs : "0"} AS needed,
    NOT minor AND scheduled > 0 AND begins < {to:Int64} AND ends > {from:Int64} AS needs, reason IN ({vague:Array(String)}) AS lacks,
    open OR begins < {from:Int64} OR ends > {passed:Int64} AS is_late
  FROM oee.stops FINAL WHERE ${where}`;
  const near = (which: "lead" | "lag", column: string, none: string): string =>
    `${which}InFrame(${column}, 1, ${none}) OVER near AS ${which === "lead" ? "next" : "last"}_${column}`;
  const followed = `SELECT *, ${near("lead", "begins", "toInt64(0)")}, ${near("lead", "state", "''")}, ${near("lead", "reason", "''")},
    ${near("lead", "plant_version", "''")}, ${near("lag", "ends", "toInt64(0)")}, greatest(ends, next_begins) + ${TEXT_MS} AS until
  FROM (${segments}) WINDOW near AS (PARTITION BY machine ORDER BY begins ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)`;
  const corrections = `SELECT machine, ${written("from", "toInt64(0)")} AS made_from, ${written("to", FAR)} AS made_to,
    toUnixTimestamp64Milli(at) AS made, JSONExtractString(raw, 'reason') AS said
  FROM oee.events FINAL WHERE ${machines} AND type = 'correction' AND NOT is_repeat`;
  const [any] = await transport.rows<{ any: number }>(
    `SELECT count() > 0 AS any FROM (SELECT 1 FROM oee.events WHERE ${machines} AND type = 'correction' LIMIT 1)`,
    parameters,
  );
  const hasCorrections = (any?.any ?? 0) > 0;
  const corrected = !hasCorrections
    ? followed
    : `SELECT ${FOLLOWED.map((column) => `followed.${column} AS ${column}`).join(", ")},
    near.reach AS reach, words.word_to AS word_to, words.word AS word FROM (${followed}) AS followed
  ASOF LEFT JOIN (SELECT machine, made_from, max(made_to) OVER (PARTITION BY machine ORDER BY made_from ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS reach
    FROM (${corrections})) AS near ON followed.machine = near.machine AND followed.until >= near.made_from
  ASOF LEFT JOIN (SELECT machine, made_from AS word_from, made_to AS word_to, made AS word FROM (${corrections}) WHERE said IN ({telling:Array(String)})) AS words
    ON followed.machine = words.machine AND followed.begins >= words.word_from`;
  const isTold = hasCorrections ? `(word_to > begins AND word <= ends + ${IN_TIME_MS})` : "0";
  const isNear = hasCorrections ? `reach >= begins - ${TEXT_MS} OR` : "";
  const atStateEvent = `(machine, ends) IN (SELECT machine, toUnixTimestamp64Milli(at) FROM oee.events
    WHERE type = 'state' AND ${fallsSilent} AND at >= ${instant("from")} AND at < ${instant("lookTo")})`;
  const isUnseen =
    fallsSilent === "0" ? "" : `OR (${fallsSilent} AND next_begins - ends > ${IN_TIME_MS} AND NOT ${atStateEvent})`;
  // Rows of a machine of which there are always data end at state events, but where another plant file came.
  const isSamePlant = "next_plant_version = plant_version";
  const isEnded = fallsSilent === "0" ? isSamePlant : `if(${fallsSilent}, ${atStateEvent}, ${isSamePlant})`;
  const isAlike = `next_state = state AND next_reason = reason AND (next_begins = ends OR NOT ${isEnded})`;
  const goesOn = `next_begins = 0 OR (${isAlike}) ${isUnseen}`;
  const judged = `SELECT machine, begins, scheduled, needed, needs, lacks, is_late,
    NOT is_late AND needs AND NOT lacks AND NOT ${isTold} AND (${isNear} ${goesOn}) AS is_open,
    needed > 0 AND (last_ends = begins OR next_begins = ends) AS has_others, if(has_others, stop_id, '') AS stop_of
  FROM (${corrected})`;
  // A stop with a late segment is not counted here (`is_cut`): that segment counts in the length by which the others need a reason.
  return `SELECT machine, stop_of != '' AND max(is_late) AS is_cut, stop_of = '' OR sum(scheduled) >= any(needed) AS is_long,
    countIf(NOT is_late AND NOT is_open AND needs AND (stop_of != '' OR scheduled >= needed)) AS counted,
    countIf(NOT is_late AND needs AND lacks AND (stop_of != '' OR scheduled >= needed)) AS counted_without,
    if(is_long AND NOT is_cut, counted, 0) AS needing, if(is_long AND NOT is_cut, counted_without, 0) AS without,
    groupArrayIf(begins, is_open) AS found, groupArrayIf(begins, stop_of != '' AND needs AND NOT is_late) AS all_of,
    if(is_cut, all_of, found) AS open
  FROM (${judged}) GROUP BY machine, stop_of`;
}

const FOLLOWED = [
  ...[
    "machine",
    "stop_id",
    "state",
    "reason",
    "plant_version",
    "scheduled",
    "begins",
    "ends",
    "needed",
    "needs",
    "lacks",
    "is_late",
  ],
  ...["next_begins", "next_state", "next_reason", "next_plant_version", "last_ends"],
];

/** An instant in the text of a correction, in epoch ms; what cannot be read is `otherwise`. */
function written(field: "from" | "to", otherwise: string): string {
  const text = `toUnixTimestamp64Milli(parseDateTime64BestEffortOrZero(JSONExtractString(raw, '${field}'), 3, 'UTC'))`;
  const ms = `if(JSONType(raw, '${field}') = 'String', ${text}, JSONExtractInt(raw, '${field}'))`;
  return `if(${ms} = 0, ${otherwise}, ${ms})`;
}

async function longestLacking(
  transport: Transport,
  { where, neededMs, longestNeededMs, parameters }: Asked,
  limit: number,
): Promise<StopReasons["longest"]> {
  const hasNeeded = longestNeededMs > 0;
  // A segment as long as any stop has to be is long enough by itself: if there are enough of these, stops need not be summed.
  if (hasNeeded) {
    const alone = await longestOf(transport, where, parameters, limit, `scheduled >= ${neededMs}`);
    const isEnough = alone.length === limit && (alone.at(-1)?.scheduledMs ?? 0) >= longestNeededMs;
    if (isEnough) return alone;
  }
  const longEnough = `(machine, stop) IN (
  SELECT machine, stop FROM oee.stops FINAL WHERE ${where} GROUP BY machine, stop HAVING sum(scheduled_duration_ms) >= ${neededMs})`;
  return longestOf(transport, where, parameters, limit, hasNeeded ? longEnough : "1");
}

async function longestOf(
  transport: Transport,
  where: string,
  parameters: BoundParameters,
  limit: number,
  which: string,
): Promise<StopReasons["longest"]> {
  const rows = await transport.rows<{ machine: string; begins: string; scheduled: string }>(
    `SELECT machine, toUnixTimestamp64Milli(from_time) AS begins, scheduled_duration_ms AS scheduled FROM oee.stops FINAL
WHERE ${where} AND from_time >= ${instant("from")} AND to_time <= ${instant("passed")} AND NOT open AND NOT minor AND scheduled > 0
  AND reason IN ({vague:Array(String)}) AND ${which}
ORDER BY scheduled DESC, machine, begins LIMIT ${limit}`,
    parameters,
  );
  return rows.map(({ machine, begins, scheduled }) => ({
    machine,
    from: Number(begins),
    scheduledMs: Number(scheduled),
  }));
}

async function openSegments(
  transport: Transport,
  { where, parameters }: Asked,
  byMachine: StopReasons["byMachine"],
): Promise<readonly StopSegment[]> {
  const select = (which: string, more: BoundParameters = {}): Promise<StopJson[]> =>
    fewSegments(transport, `${where} AND ${which}`, { ...parameters, ...more }, OPEN_MAX);
  const isLate = `(open OR from_time < ${instant("from")} OR to_time > ${instant("passed")})`;
  const rows = await select(isLate);
  const keys = [...byMachine].flatMap(([machine, { open }]) => open.map((at) => ({ machine, at })));
  for (const some of listsOf(keys, INSTANTS_MAX)) {
    if (rows.length > OPEN_MAX) break;
    const starts = machineInstants(some);
    const them = `(machine, toUnixTimestamp64Milli(from_time)) IN (${starts.sql})`;
    const found = await select(
      `NOT ${isLate} AND (machine, stop) IN (SELECT machine, stop FROM oee.stops WHERE ${where} AND ${them})`,
      starts.parameters,
    );
    for (const row of found) rows.push(row);
  }
  if (rows.length > OPEN_MAX) {
    throw new StoreError(
      "OEE_STORE_TOO_LARGE",
      `of more than ${OPEN_MAX} segments of stops it has to be looked up when their reason was given`,
    );
  }
  const segments = new Map(rows.map((row) => [`${row.machine} ${row.from_ms}`, row]));
  const open = await mapGivingWay([...segments.values()], stopSegmentOf);
  return keys.length === 0 ? open : open.sort((a, b) => compareCodePoints(a.machine, b.machine) || a.from - b.from);
}

function instant(parameter: string): string {
  return `fromUnixTimestamp64Milli({${parameter}:Int64}, 'UTC')`;
}
