/**
 * The state events next to instants of machines, for reasons of single stops (RS-2): where they are is asked of the times of
 * all state events of the period, which are small; only those found are then read as a whole.
 */
import type { EventRecord } from "./event-record.ts";
import { EVENT_SELECTION, type EventJson, eventRecordOf } from "./event-table.ts";
import { listsOf, machineFilter } from "./machine-filter.ts";
import { INSTANTS_MAX, type MachineInstant, machineInstants } from "./machine-instants.ts";
import type { Period } from "./period.ts";
import type { Transport } from "./transport.ts";

export interface StatesAroundQuery {
  /** At most `INSTANTS_MAX`. */
  readonly around: readonly MachineInstant[];
  /** State events outside of it are none (epoch ms). */
  readonly within: Period;
}

/** State events next to an instant of a machine, one after the other, by time and place in the log. */
export interface StatesAround extends MachineInstant {
  readonly events: readonly EventRecord[];
  /** Whether more state events may follow within the period. */
  readonly isCut: boolean;
}

/** Of the last event at or before an instant, how many instants with events before it, and after it, are read. */
const BEFORE = 1;
const AFTER = 2;

/** Those of the instants that have a state event at or before them. */
export async function statesAround(
  transport: Transport,
  { around, within }: StatesAroundQuery,
): Promise<readonly StatesAround[]> {
  if (around.length === 0) return [];
  const asked = machineInstants(around);
  const filter = machineFilter([...new Set(around.map(({ machine }) => machine))]);
  const isAsked = `${filter.sql} AND at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')`;
  const found = await transport.rows<{ machine: string; instant: string; near: string[] }>(
    `SELECT asked.machine AS machine, asked.at_ms AS instant, states.near AS near
FROM (SELECT tupleElement(pair, 1) AS machine, tupleElement(pair, 2) AS at_ms FROM (${asked.sql})) AS asked
ASOF INNER JOIN (
  SELECT machine, at_ms, groupArray(at_ms) OVER (PARTITION BY machine ORDER BY at_ms ROWS BETWEEN ${BEFORE} PRECEDING AND ${AFTER} FOLLOWING) AS near
  FROM (SELECT DISTINCT CAST(machine, 'String') AS machine, toUnixTimestamp64Milli(at) AS at_ms FROM oee.events
    WHERE type = 'state' AND NOT is_repeat AND ${isAsked})
) AS states ON asked.machine = states.machine AND asked.at_ms >= states.at_ms`,
    { ...asked.parameters, ...filter.parameters, ...within },
  );
  const rows = found.map(({ machine, instant, near }) => ({ machine, at: Number(instant), near: near.map(Number) }));
  const needed = new Map<string, MachineInstant>();
  for (const { machine, near } of rows) {
    for (const at of near) needed.set(`${machine} ${at}`, { machine, at });
  }
  const events = new Map<string, EventRecord[]>();
  for (const some of listsOf([...needed.values()], INSTANTS_MAX)) {
    const them = machineInstants(some);
    const read = await transport.rows<EventJson>(
      `SELECT ${EVENT_SELECTION} FROM oee.events FINAL
PREWHERE type = 'state' AND ${isAsked} AND (CAST(machine, 'String'), toUnixTimestamp64Milli(at)) IN (${them.sql}) WHERE NOT is_repeat
ORDER BY machine, at, topic, partition, offset, record_index`,
      { ...them.parameters, ...filter.parameters, ...within },
    );
    for (const json of read) {
      const event = eventRecordOf(json);
      const key = `${event.machine} ${event.at}`;
      const own = events.get(key);
      if (own === undefined) events.set(key, [event]);
      else own.push(event);
    }
  }
  return rows.map(({ machine, at, near }) => ({
    machine,
    at,
    events: near.flatMap((instant) => events.get(`${machine} ${instant}`) ?? []),
    isCut: near.filter((instant) => instant > at).length === AFTER,
  }));
}
