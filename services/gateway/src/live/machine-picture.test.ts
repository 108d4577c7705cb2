import { PlantModel } from "@oee/engine";
import { expect, test } from "vitest";
import { liveRecord } from "../../test/gateway-fixture.ts";
import { MachinePictures } from "./machine-picture.ts";
import { plantFrom } from "../../../../tests/support/plant.ts";

const NOW = Date.UTC(2026, 2, 2, 5, 0);
const MINUTE = 60_000;
const MACHINES = Array.from({ length: 1_000 }, (_, i) => `m${i}`);
const PLANT = `enterprise: acme
timezone: UTC
sites: { berlin: { areas: { packing: { lines: { l1: { machines: { ${MACHINES.map((id) => `${id}: { idealCycleSeconds: 1 }`).join()} } } } } } } }
`;
const idOf = (i: number): string => `berlin/packing/l1/m${i}`;

test("machines are counted for a scrape by looking at the clock once, whatever their number", () => {
  const plant = plantFrom(PLANT);
  let now = NOW;
  let asked = 0;
  const pictures = new MachinePictures(
    new PlantModel(plant),
    () => {
      asked++;
      return now;
    },
    MINUTE,
  );
  for (let i = 0; i < 900; i++) pictures.take(liveRecord(idOf(i), NOW - (i < 100 ? MINUTE : 0)));
  asked = 0;
  expect(pictures.count()).toMatchObject({ known: 900, stale: 0, unreadable: 0 });
  now++;
  expect(pictures.count()).toMatchObject({ known: 900, stale: 100, unreadable: 0 });
  expect(asked).toBe(2);
  expect(pictures.newlyStale()).toHaveLength(100);
  expect(pictures.newlyStale()).toHaveLength(0);
  pictures.take(liveRecord(idOf(0), now));
  expect(pictures.count()).toMatchObject({ known: 900, stale: 99 });
  now += 2 * MINUTE;
  expect(pictures.count()).toMatchObject({ known: 900, stale: 900 });
});

test("an older record is ignored, and is not where the newer one is of a clock that was set back since", () => {
  let now = NOW;
  const model = new PlantModel(plantFrom(PLANT));
  const pictures = new MachinePictures(model, () => now, MINUTE);
  expect(pictures.take(liveRecord(idOf(0), NOW))).toBe(true);
  expect(pictures.take(liveRecord(idOf(0), NOW - 1))).toBe(false);
  now = NOW - 180 * MINUTE;
  expect(pictures.take(liveRecord(idOf(0), now))).toBe(true);
  expect(pictures.record(idOf(0))?.now).toBe(now);
  // Of a machine without events windows are computed by the clock, too.
  const silent = model.plant.machines[1];
  if (silent === undefined) throw new Error("expected a second machine");
  const toOf = (): number | undefined => pictures.of(silent).windows?.[0]?.to;
  expect(toOf()).toBe(now);
  now -= MINUTE;
  expect(toOf()).toBe(now);
});
