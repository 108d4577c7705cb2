/** Time zones of the plant file, written as IANA writes them: stores compare their letters' case. */
import { Zone } from "../zones/zone.ts";
import type { ZoneDatabase } from "../zones/zone-database.ts";
import { quote, type Value } from "./value.ts";
import { textOf } from "./fields.ts";
import { nearest } from "./nearest.ts";
import type { Problems } from "./problem.ts";

export function timezoneIn(value: Value, zones: ZoneDatabase, problems: Problems): Zone | null {
  const name = textOf(value, "an IANA time zone such as Europe/Berlin", problems);
  if (name === null) return null;
  const zone = zones.zone(name);
  if (zone !== undefined) return zone;
  const closest = nearest(name, zones.names) ?? "UTC";
  const expected = `an IANA time zone (of release ${zones.release}); did you mean ${closest}?`;
  problems.add(value, `the unknown time zone ${quote(name)}`, expected);
  return null;
}

/** What a plant has that names no zone. */
export function utcOf(zones: ZoneDatabase): Zone {
  return zones.zone("UTC") ?? new Zone("UTC", { firstOffsetMs: 0, changes: [], rule: "" });
}
