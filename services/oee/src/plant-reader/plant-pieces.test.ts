import { existsSync, readdirSync, readFileSync } from "node:fs";
import { decodeZones, type Plant, parsePlant, SHIPPED_ZONES } from "@oee/model";
import { GiveWay } from "@oee/pacing";
import { afterEach, expect, test, vi } from "vitest";
import { bigPlantText } from "../../../gateway/test/requests.ts";
import { demoPlantFile } from "../plant-from-file.ts";
import { piecesOf, putTogether } from "./plant-pieces.ts";

afterEach(() => vi.restoreAllMocks());

function parsed(text: string): Plant {
  const result = parsePlant(text, "plant.yaml");
  if (!result.ok) throw new Error(result.problems[0]?.found);
  return result.plant;
}

const CONFORMANCE = "tests/conformance";
const FILES = [demoPlantFile(), ...readdirSync(CONFORMANCE).map((name) => `${CONFORMANCE}/${name}/plant.yaml`)].filter(
  (file) => existsSync(file),
);

test("a plant that was cut into pieces and put together is equal, and its parts share the same objects", async () => {
  for (const file of FILES) {
    const plant = parsed(readFileSync(file, "utf8"));
    // A thread sends pieces as structured clones.
    const pieces = structuredClone([...piecesOf(plant)]);
    const again = (await putTogether(pieces, SHIPPED_ZONES, new GiveWay())) as Plant;
    expect(again).toEqual(plant);
    for (const machine of again.machines) {
      expect(again.machineById.get(machine.id)).toBe(machine);
      expect(machine.timezone).toBe(SHIPPED_ZONES.zone(machine.timezone.name));
      const scope = again.scopes.get(machine.path);
      expect(scope?.members).toEqual([machine]);
      expect(scope?.parent?.children).toContain(scope);
      expect(scope?.members[0]).toBe(machine);
    }
  }
});

test("a plant of thousands of machines is cut into many pieces, and other work has turns while they are put together", async () => {
  const plant = parsed(bigPlantText());
  const pieces = [...piecesOf(plant)];
  const members = pieces.map(({ places }) => places.length);
  // One object stays in one piece: the map of machines by id has 10,000 members (5,000 keys and 5,000 values).
  expect(Math.max(...members)).toBeLessThanOrEqual(5_000 + 10_000);
  expect(pieces.length).toBeGreaterThan(20);
  let units = 0;
  let most = 0;
  vi.spyOn(GiveWay.prototype, "due", "get").mockImplementation(() => {
    most = Math.max(most, ++units);
    return units >= 100;
  });
  let turns = 0;
  vi.spyOn(GiveWay.prototype, "now").mockImplementation(async () => {
    units = 0;
    turns++;
  });
  const again = (await putTogether(pieces, SHIPPED_ZONES, new GiveWay())) as Plant;
  expect([again.machines.length, again.version]).toEqual([5_000, plant.version]);
  expect(most).toBe(100);
  expect(turns).toBeGreaterThan(300);
});

test("a value that cannot be cut into pieces, and an unknown zone, are errors that name them", async () => {
  expect(() => [...piecesOf({ at: new Date(0) })]).toThrow("a plant has a Date");
  expect(() => [...piecesOf({ at: 1n })]).toThrow("a plant has a bigint");
  const pieces = [...piecesOf({ zone: SHIPPED_ZONES.zone("Europe/Berlin") })];
  const other = decodeZones("2020a\nUTC|0||");
  await expect(putTogether(pieces, other, new GiveWay())).rejects.toThrow("Europe/Berlin is not in the release 2020a");
});

test("zones decoded from the text of the shipped zones have the same rules", () => {
  const again = decodeZones(SHIPPED_ZONES.text);
  expect(again.release).toBe(SHIPPED_ZONES.release);
  expect(again.names.toSorted()).toEqual(SHIPPED_ZONES.names.toSorted());
  for (const name of again.names) expect(again.zone(name)?.digest, name).toBe(SHIPPED_ZONES.zone(name)?.digest);
});
