import { SHIPPED_ZONES, type Zone } from "@oee/model";

/** A zone as the product knows it. */
export function zoneNamed(name: string): Zone {
  const zone = SHIPPED_ZONES.zone(name);
  if (zone === undefined) throw new Error(`no such zone: ${name}`);
  return zone;
}
