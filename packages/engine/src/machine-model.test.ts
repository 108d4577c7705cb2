import type { JobEvent } from "@oee/model";
import { expect, test } from "vitest";
import { ratesOf, RatesAt } from "./machine-model.ts";
import { eventsOf, MINUTE, modelOf, T } from "./one-machine.fixture.ts";

const MODEL = modelOf(
  "idealCycleSeconds: 1, taktSeconds: 2",
  "products: { cola: { idealCycleSeconds: 1.1, piecesPerCount: 6 } }\n",
);
const JOBS = eventsOf(MODEL, [
  { at: 1, type: "job", product: "cola", order: "1" },
  { at: 5, type: "job", product: "water", idealCycleSeconds: 0.9 },
]).filter((event): event is JobEvent => event.type === "job");

test("CN-3: rates of a job are its own, else its product's, else the machine's", () => {
  expect(ratesOf(MODEL, null)).toEqual({ product: null, idealCycleUs: 1e6, taktUs: 2e6, piecesPerCount: 1 });
  const [cola, water] = JOBS;
  expect(ratesOf(MODEL, cola ?? null)).toMatchObject({ product: "cola", idealCycleUs: 1_100_000, piecesPerCount: 6 });
  expect(ratesOf(MODEL, water ?? null)).toMatchObject({ product: "water", idealCycleUs: 900_000, taktUs: 2e6 });
});

test("CN-3, CN-9: a count has the rates of the job in force at its instant, or those of the product that it names", () => {
  const rates = new RatesAt(MODEL, JOBS);
  const productAt = (minutes: number): string | null => rates.at(T + minutes * MINUTE).product;
  expect([0, 1, 4.9, 5, 2].map(productAt)).toEqual([null, "cola", "cola", "water", "cola"]);
  expect(rates.of(T + 6 * MINUTE, "cola")).toMatchObject({ product: "cola", idealCycleUs: 1_100_000 });
  expect(rates.of(T + 6 * MINUTE, null)).toMatchObject({ product: "water" });
});
