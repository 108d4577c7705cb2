export { readTzif } from "./tzif.ts";
export { Zone, type ZoneRules } from "./zone.ts";
export { decodeZones, encodeZones, SHIPPED_ZONES, ZoneDatabase } from "./zone-database.ts";
