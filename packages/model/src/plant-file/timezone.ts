/** IANA time zones as the runtime knows them, written as IANA writes them: stores compare their letters' case. */
import { quote, type Value } from "./document.ts";
import { textOf } from "./fields.ts";
import { nearest } from "./nearest.ts";
import type { Problems } from "./problem.ts";

const ZONES: readonly string[] = ["UTC", ...Intl.supportedValuesOf("timeZone")];
const ZONE_BY_LOWER_CASE: ReadonlyMap<string, string> = new Map(ZONES.map((zone) => [zone.toLowerCase(), zone]));

export function timezoneIn(value: Value, problems: Problems): string | null {
  const zone = textOf(value, "an IANA time zone such as Europe/Berlin", problems);
  if (zone === null || isZone(zone)) return zone;
  const closest = nearest(zone, ZONES) ?? "UTC";
  problems.add(value, `the unknown time zone ${quote(zone)}`, `an IANA time zone; did you mean ${closest}?`);
  return null;
}

function isZone(zone: string): boolean {
  const listed = ZONE_BY_LOWER_CASE.get(zone.toLowerCase());
  if (listed !== undefined) return listed === zone;
  // Not all that a runtime knows is listed: older names of a zone are not. An offset is no zone.
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
