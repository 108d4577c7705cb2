import { SHIPPED_ZONES, type Zone } from "@oee/model";

/** A zone with the rules that the product ships. */
export function zoneNamed(name: string): Zone {
  const zone = SHIPPED_ZONES.zone(name);
  if (zone === undefined) throw new Error(`no such zone: ${name}`);
  return zone;
}
