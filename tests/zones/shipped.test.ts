/** CA-3, PE-2: compares the zone rules that the product ships with those that Python reads from the newest release on PyPI. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeZones, encodeZones, parsePlant, readTzif, SHIPPED_ZONES, Zone, type ZoneDatabase } from "@oee/model";
import { afterAll, expect, test } from "vitest";
import { releaseOf, rulesInFolder, zonesOf } from "../../services/oee/src/zone-folder.ts";
import { NEW_FOLDER, OLD_FOLDER, pythonZones } from "./python-zones.ts";

const FROM = Date.UTC(2020, 0, 1);
const TO = Date.UTC(2038, 0, 1);
const { release, zones } = pythonZones();

const folder = mkdtempSync(join(tmpdir(), "oee-zones-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The offsets of a zone by Python, cut to `[from, to)`: instants (epoch ms), each with the offset (ms) from then on. */
function expected(name: string, from: number, to: number): (readonly [number, number])[] {
  const all = (zones[name] ?? []).map(([at, offset]) => [at * 1000, offset * 1000] as const);
  const before = all.filter(([at]) => at <= from).at(-1)?.[1] ?? Number.NaN;
  return [[from, before], ...all.filter(([at]) => at > from && at < to)];
}

function differing(database: ZoneDatabase, from: number, to: number): readonly string[] {
  return Object.keys(zones).filter(
    (name) => JSON.stringify(database.zone(name)?.offsets(from, to)) !== JSON.stringify(expected(name, from, to)),
  );
}

test("CA-3: the offsets of every zone and alias of the newest release are Python's, for 2020-2037 and for 1970-2044", () => {
  expect(SHIPPED_ZONES.release).toBe(release);
  expect(SHIPPED_ZONES.names.toSorted()).toEqual(Object.keys(zones).toSorted());
  expect(differing(SHIPPED_ZONES, FROM, TO)).toEqual([]);
  expect(differing(SHIPPED_ZONES, 0, Date.UTC(2044, 11, 31))).toEqual([]);
});

test("CA-3: the offset at an instant agrees with the list of changes, in whatever order instants are asked for", () => {
  for (const name of [
    "America/Vancouver",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Asia/Gaza",
  ]) {
    const zone = SHIPPED_ZONES.zone(name);
    const changes = expected(name, 0, TO);
    const instants = changes.flatMap(([at]) => [at, at - 1, at + 1]).filter((at) => at >= 0);
    for (const at of [...instants, ...instants.toReversed(), ...instants.toSorted((a, b) => (a % 997) - (b % 997))]) {
      expect([at, zone?.offsetMs(at)]).toEqual([at, changes.filter(([from]) => from <= at).at(-1)?.[1]]);
    }
  }
});

test("CA-3: the rule after the last listed change holds for ever", () => {
  const berlin = SHIPPED_ZONES.zone("Europe/Berlin");
  const summers = [2150, 2499, 2500, 2501, 3000, 9999].map((year) => [
    berlin?.offsetMs(Date.UTC(year, 6, 1)),
    berlin?.offsetMs(Date.UTC(year, 0, 1)),
  ]);
  expect(summers).toEqual(summers.map(() => [7_200_000, 3_600_000]));
  // In 2600 clocks change on 30 March, the last Sunday.
  expect(berlin?.offsetMs(Date.UTC(2600, 2, 30, 1) - 1)).toBe(3_600_000);
  expect(berlin?.offsetMs(Date.UTC(2600, 2, 30, 1))).toBe(7_200_000);
  expect(SHIPPED_ZONES.zone("Europe/Berlin")?.offsetMs(Date.UTC(1950, 6, 1))).toBe(3_600_000);
});

test("the shipped text is what tests/zones/ship.ts makes of that release, and decodes to the same zones", () => {
  const rules = rulesInFolder(NEW_FOLDER);
  const text = encodeZones(releaseOf(NEW_FOLDER), rules);
  const shipped = new Map(SHIPPED_ZONES.names.map((name) => [name, SHIPPED_ZONES.zone(name)?.digest]));
  expect(new Map([...rules].map(([name, found]) => [name, new Zone(name, found).digest]))).toEqual(shipped);
  expect(decodeZones(text).names).toEqual(SHIPPED_ZONES.names);
});

test("--tz-data takes rules and release from a folder of TZif files; a folder or file that is none is refused with the reason", () => {
  const old = zonesOf({ tzData: OLD_FOLDER });
  expect(old.release).toBe("2025c");
  // Zones whose rules changed in 2026 differ, and Berlin, whose rules did not, does not.
  expect(differing(old, Date.UTC(2026, 9, 1), Date.UTC(2027, 0, 1)).length).toBeGreaterThan(8);
  expect(differing(old, Date.UTC(2026, 9, 1), Date.UTC(2027, 0, 1))).toEqual(
    expect.arrayContaining(["America/Vancouver", "America/Winnipeg", "Africa/Casablanca", "America/Havana"]),
  );
  expect(differing(old, Date.UTC(2026, 9, 1), Date.UTC(2027, 0, 1))).not.toContain("Europe/Berlin");
  expect(differing(zonesOf({ tzData: NEW_FOLDER }), FROM, TO)).toEqual([]);
  expect(() => zonesOf({ tzData: folder })).toThrow(/found no time zones in/);
  expect(() => zonesOf({ tzData: join(folder, "none") })).toThrow(/cannot read the time zones in/);
  writeFileSync(join(folder, "UTC"), "TZif2");
  expect(() => zonesOf({ tzData: folder })).toThrow(/UTC is no time zone: found no TZif/);
});

test("a folder without files of old names has them as links of its `tzdata.zi`", () => {
  const partial = mkdtempSync(join(folder, "partial-"));
  for (const name of ["UTC", "America", "tzdata.zi"]) symlinkSync(join(NEW_FOLDER, name), join(partial, name));
  const zone = zonesOf({ tzData: partial }).zone("US/Pacific");
  expect(zone?.digest).toBe(SHIPPED_ZONES.zone("America/Los_Angeles")?.digest);
});

test("TZif that is cut short, of version 1, or with leap seconds is refused", () => {
  const bytes = readFileSync(join(NEW_FOLDER, "UTC"));
  const second = bytes.lastIndexOf("TZif");
  expect(readTzif(bytes)).toEqual({ firstOffsetMs: 0, changes: [], rule: "UTC0" });
  for (let length = 0; length < bytes.length; length++) {
    expect(() => readTzif(bytes.subarray(0, length))).toThrow(/^(found|Offset is outside)/);
  }
  const edited = (at: number, value: number): Uint8Array =>
    Uint8Array.from(bytes, (byte, i) => (i === at ? value : byte));
  expect(() => readTzif(edited(4, 0))).toThrow(/version 1/);
  expect(() => readTzif(edited(second + 31, 1))).toThrow(/leap seconds/);
  expect(() => readTzif(edited(second + 33, 255))).toThrow(/impossible/);
  expect(() => readTzif(edited(bytes.length - 2, 0x2d))).toThrow(/rule "UTC-"/);
});

test("DI-3: a release that changes the rules of a plant's zone changes the plant's version; another release does not", () => {
  const versionOf = (zone: string, database: ZoneDatabase): string => {
    const sites = { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } };
    const plant = parsePlant(JSON.stringify({ enterprise: "e", timezone: zone, sites }), "plant.yaml", database);
    return plant.ok ? plant.plant.version : JSON.stringify(plant.problems);
  };
  const old = zonesOf({ tzData: OLD_FOLDER });
  expect(versionOf("America/Vancouver", old)).not.toBe(versionOf("America/Vancouver", SHIPPED_ZONES));
  expect(versionOf("America/Winnipeg", old)).not.toBe(versionOf("America/Winnipeg", SHIPPED_ZONES));
  expect(versionOf("Europe/Berlin", old)).toBe(versionOf("Europe/Berlin", SHIPPED_ZONES));
  expect(versionOf("US/Pacific", SHIPPED_ZONES)).toBe(versionOf("America/Los_Angeles", SHIPPED_ZONES));
});
