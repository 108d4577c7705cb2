import { expect, test } from "vitest";
import { endOfPath, optionOf } from "./option.ts";

interface Series {
  readonly data: readonly (
    | number
    | { readonly value: number | null; readonly itemStyle?: { readonly decal?: object } }
  )[];
}

const colour = (token: string): string => token;
const seriesOf = (spec: Parameters<typeof optionOf>[0]): readonly Series[] =>
  optionOf(spec, colour)["series"] as readonly Series[];

test("R-3: an unknown value is a gap and no bar of 0; a value on too little data is hatched", () => {
  const bars = [
    { label: "a", value: 0.5 },
    { label: "b", value: null },
    { label: "c", value: 0, weak: true },
  ];
  const series = [{ name: "oee", colour: "running-mark", bars }];
  const [drawn] = seriesOf({ kind: "bars", direction: "down", series, text: String });
  expect(drawn?.data.map((each) => (typeof each === "number" ? each : each.value))).toEqual([0.5, null, 0]);
  expect(drawn?.data.map((each) => typeof each !== "number" && each.itemStyle?.decal !== undefined)).toEqual([
    false,
    false,
    true,
  ]);
});

test("R-3: the text of an unknown value stands where no value of a category is known, and nowhere else", () => {
  const bars = (...values: readonly (number | null)[]): { label: string; value: number | null }[] =>
    values.map((value, i) => ({ label: String(i), value }));
  const spec = (...series: readonly (readonly (number | null)[])[]): readonly Series[] =>
    seriesOf({
      ...{ kind: "bars", direction: "down", text: (value) => (value === null ? "–" : String(value)) },
      series: series.map((values) => ({ name: "oee", colour: "running-mark", bars: bars(...values) })),
    });
  const [, told] = spec([0.5, null, 0]);
  expect(told).toMatchObject({ name: "–", data: [null, 0, null], label: { show: true } });
  expect(spec([0.5, 0])).toHaveLength(1);
  // Of two bars side by side the one that is known says enough.
  expect(spec([1, null, null], [null, 1, null])[2]).toMatchObject({ data: [null, null, 0] });
});

test("KP-1: each step of a waterfall begins where the one before ends, a gain goes up, and the rest stands on the axis", () => {
  const step = (value: number, total = false): { label: string; value: number; total: boolean } => ({
    label: "",
    value,
    total,
  });
  const steps = [step(10, true), step(3), step(-2), step(4), step(5, true)];
  const [feet, heights] = seriesOf({ kind: "waterfall", steps, weak: false, text: String });
  const heightOf = (each: Series["data"][number]): unknown => (typeof each === "number" ? each : each.value);
  expect(feet?.data).toEqual([0, 7, 7, 5, 0]);
  expect(heights?.data.map(heightOf)).toEqual([10, 3, 2, 4, 5]);
});

test("a figure left of a negative bar has room beside the categories' names", () => {
  const option = (value: number): Readonly<Record<string, unknown>> => {
    const series = [
      {
        name: "points",
        colour: "running-mark",
        bars: [
          { label: "a", value },
          { label: "b", value: 1 },
        ],
      },
    ];
    return optionOf({ kind: "bars", direction: "down", series, text: String }, colour);
  };
  expect(option(-0.2)["xAxis"]).toMatchObject({ boundaryGap: ["12%", "5%"] });
  expect(option(0.2)["xAxis"]).not.toHaveProperty("boundaryGap");
});

test.each([
  ["Köln › Abfüllung › Glas 1 › Füller", "… › Abfüllung › Glas 1 › Füller", 32],
  ["Köln › Abfüllung › Glas 1 › Füller", "… › Glas 1 › Füller", 29],
  ["Köln › Abfüllung › Glas 1 › Füller", "… › Füller", 9],
  ["Köln › Füller", "Köln › Füller", 13],
  ["Leerflascheninspektor mit Ausleitstation 1", "Leerflaschen…itstation 1", 24],
  ["Köln › Leerflascheninspektor mit Ausleitstation 2", "Leerflaschen…itstation 2", 24],
])("R-3: beside a bar stands the end of a path, which tells what it is of: %s", (path, shown, most) => {
  expect(endOfPath(path, most)).toBe(shown);
});

test("in a narrow chart two fifths are for the names beside bars, and the axis has few values", () => {
  const series = [{ name: "oee", colour: "running-mark", bars: [{ label: "a › b", value: 1 }] }];
  interface Axes {
    readonly yAxis: { readonly axisLabel: { readonly width: number; readonly formatter: (name: string) => string } };
  }
  const at = (width: number): Readonly<Record<string, unknown>> & Axes =>
    optionOf({ kind: "bars", direction: "down", series, text: String }, colour, width) as never;
  expect([at(300).yAxis.axisLabel.width, at(1_200).yAxis.axisLabel.width]).toEqual([120, 200]);
  expect(at(300)["xAxis"]).toMatchObject({ splitNumber: 2 });
  const { formatter } = at(300).yAxis.axisLabel;
  expect(formatter("Köln › Abfüllung › Füller")).toBe("… › Füller");
  expect(formatter("Verringerte Geschwindigkeit")).toBe("Verringerte\nGeschwindigkeit");
});
