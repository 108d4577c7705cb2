import { expect, test } from "vitest";
import { createFormat } from "../shared/format.ts";
import { init } from "./chart/echarts.ts";
import { optionOf } from "./chart/option.ts";
import type { Desk } from "./desk-context.ts";
import { type Meant, namedMeasureAxis, namedMeasureText } from "./named-measure.ts";
import { en } from "./texts/en.ts";
import { createValues } from "./values.ts";

const format = createFormat("en");
const t = (key: keyof typeof en, { value = "" }: { readonly value?: string } = {}): string =>
  en[key].replace("{{value}}", value);
const plant = { description: { currency: "EUR" } };
const desk = { format, values: createValues("en", format), t, plant } as unknown as Desk;

test.each([
  ["oee", 0.684, "value", "68.4%"],
  ["oee", 0.019, "difference", "+1.9 pts"],
  ["oee", 0.00001, "difference", "+<0.1 pts"],
  ["oee", -0.0004, "difference", "−<0.1 pts"],
  ["oee", -0.0006, "difference", "−0.1 pts"],
  ["oee", 1e-17, "difference", "0.0 pts"],
  ["oee", 0, "difference", "0.0 pts"],
  ["oee", 0.0001, "size", "<0.1 pts"],
  ["mttr", -400, "difference", "−<1 sec"],
  ["mttr", 400, "size", "<1 sec"],
  ["stopCount", 0.004, "difference", "+<0.01"],
  ["stopCount", 0, "difference", "0"],
  ["unplannedStopTime", 10_000, "difference", "+<0.01 h"],
  ["throughput", -0.001, "difference", "−<0.01"],
  ["loss:minorStops", -0.017, "difference", "−1.7 pts"],
  ["loss:minorStops", 0.002, "size", "0.2 pts"],
  ["mttr", -180_000, "difference", "−3 min"],
  ["mttr", 415_000, "size", "6 min 55 sec"],
  ["downtimeFrequency", -0.09, "difference", "−0.09"],
  ["oee", null, "difference", "–"],
] as const)("%s of %s as %s is %s", (name, value, meant: Meant, text) => {
  expect(namedMeasureText(desk, name, value, meant)).toBe(text);
});

test.each([
  ["oee", [0, 0.1, 0.2], ["0%", "10%", "20%"]],
  ["oee", [0, 0.025, 0.05], ["0%", "2.5%", "5%"]],
  ["scrapRatio", [0, 0.0005, 0.001], ["0%", "0.05%", "0.1%"]],
  ["loss:minorStops", [0, 0.2], ["0%", "20%"]],
  ["unplannedStopTime", [0, 36_000_000, 5_400_000], ["0 h", "10 h", "1.5 h"]],
  ["downtimeCost", [0, 500, 0.5], ["€0", "€500", "€0.50"]],
  ["goodCount", [0, 20_000], ["0", "20,000"]],
] as const)("an axis of %s has decimals only where its values have some", (name, values, texts) => {
  expect(values.map((value) => namedMeasureAxis(desk, name).axis?.(value))).toEqual(texts);
});

test("CS-4: a return is in whole percent, however much it is; a loss has a minus sign", () => {
  expect([desk.values.returned(12.723), desk.values.returned(-24.94)]).toEqual(["1,272%", "−2,494%"]);
  expect(desk.values.money("-81536.84", "EUR")).toBe("−€81,536.84");
});

const HOUR_MS = 3_600_000;

test.each([
  ["unplannedStopTime", 0.68 * HOUR_MS, ["0 h", "0.2 h", "0.4 h", "0.6 h", "0.8 h"]],
  ["unplannedStopTime", 40_000, ["0 h", "0.01 h", "0.02 h"]],
  ["unplannedStopTime", 0, ["0 h", "0.01 h"]],
  ["mttr", 14 * 60_000, ["0 sec", "5 min", "10 min", "15 min"]],
  ["mtbf", 66 * HOUR_MS, ["0 sec", "1 day", "2 days", "3 days"]],
] as const)("the marks at the axis of %s up to %i ms are at even distances", (name, value, marks) => {
  const series = [{ name, colour: "running-mark", bars: [{ label: "", value }] }];
  const spec = { kind: "bars", direction: "down", series, text: () => "", ...namedMeasureAxis(desk, name) } as const;
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 1_000, height: 100 });
  chart.setOption(optionOf(spec, (token) => token, 1_000));
  const texts = [...chart.renderToSVGString().matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map(([, text]) => text);
  chart.dispose();
  expect(texts).toEqual(marks);
});
