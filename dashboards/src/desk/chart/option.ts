/** Turns a chart's specification into an option of ECharts. */
import type { Axis, Bar, BarsSpec, ChartSpec, WaterfallSpec } from "./spec.ts";

export type Colour = (token: string) => string;

/** An option of ECharts; its own types would load the library, which comes only when a chart is shown. */
export type Option = Readonly<Record<string, unknown>>;

/** `width`: of the chart, in pixels. */
export function optionOf(spec: ChartSpec, colour: Colour, width: number = WIDE_FROM): Option {
  return {
    animation: false,
    textStyle: { fontFamily: colour("font"), color: colour("text"), fontSize: 14 },
    grid: { left: 8, right: 64, top: 36, bottom: 8, containLabel: true },
    ...(spec.kind === "bars" ? barsOption(spec, colour, width) : waterfallOption(spec, colour, width)),
  };
}

/** From this width on names beside bars have all the room they want. */
const WIDE_FROM = 600;
/** Names beside bars: their width in pixels, and their ends in as many characters as that holds. */
const DOWN_LABEL = { width: 200, overflow: "truncate", formatter: (name: string): string => endOfPath(name, 29) };
/** In a narrow chart, as on a phone, two fifths are theirs; a name of several words, which is no path, has two lines. */
function narrowLabel(width: number): Option {
  const wide = Math.round(width * 0.4);
  const most = Math.floor((29 * wide) / DOWN_LABEL.width);
  const formatter = (name: string): string => {
    if (name.includes(" › ") || name.length <= most) return endOfPath(name, most);
    const space = name.lastIndexOf(" ", most);
    return space < 0 ? name : `${name.slice(0, space)}\n${name.slice(space + 1)}`;
  };
  return { width: wide, overflow: "truncate", lineHeight: 16, formatter };
}

/** What the axis of values is to hold. `greatest`: the greatest size of a value. */
interface Values {
  readonly step: Axis["step"];
  readonly greatest: number;
  readonly line?: number | undefined;
  readonly isNegative?: boolean;
}

function axes(
  labels: readonly string[],
  down: boolean,
  text: (value: number) => string,
  colour: Colour,
  width: number,
  { step, greatest, line, isNegative = false }: Values,
): Option {
  const label = { color: colour("text"), fontSize: 14 };
  const narrow = down && width < WIDE_FROM;
  const parts = narrow ? 2 : 5;
  const interval = step?.(greatest > 0 ? greatest / parts : 1);
  const categories = {
    type: "category",
    data: labels,
    inverse: down,
    axisLabel: down ? { ...label, ...(narrow ? narrowLabel(width) : DOWN_LABEL) } : label,
    axisLine: { lineStyle: { color: colour("muted") } },
    axisTick: { show: false },
  };
  const values = {
    type: "value",
    ...(isNegative ? { boundaryGap: ["12%", "5%"] } : {}),
    max: ({ max }: { readonly max: number }) => {
      // The axis reaches at least to the line, so that the line lies within the chart.
      if (line !== undefined && max <= line) return roundAbove(line);
      return interval === undefined ? undefined : interval * Math.max(1, Math.ceil(max / interval));
    },
    splitNumber: parts,
    interval,
    axisLabel: { ...label, color: colour("muted"), formatter: text },
    splitLine: { lineStyle: { color: colour("rule") } },
  };
  return down ? { xAxis: values, yAxis: categories } : { xAxis: categories, yAxis: values };
}

/** The last parts of a path of names, in at most so many characters. A last part that has more, and tells which one it is, is cut in its middle, for names that begin alike end in a number. */
export function endOfPath(path: string, most: number): string {
  if (path.length <= most) return path;
  const above = path.split(" › ");
  let end = above.pop() ?? path;
  if (end.length > most) return `${end.slice(0, Math.ceil((most - 1) / 2))}…${end.slice(-Math.floor((most - 1) / 2))}`;
  for (let part = above.pop(); part !== undefined; part = above.pop()) {
    const longer = `${part} › ${end}`;
    if (longer.length + "… › ".length > most) break;
    end = longer;
  }
  return `… › ${end}`;
}

/** A round end of an axis a little above a value: one digit, or half of one. */
function roundAbove(value: number): number {
  if (value <= 0) return 1;
  const step = 10 ** Math.floor(Math.log10(value)) / 2;
  return Math.ceil((value * 1.02) / step) * step;
}

/** A pattern of diagonal lines in the background's colour, for bars on too little data. */
function hatch(colour: Colour): Option {
  return { decal: { color: colour("surface"), dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: -Math.PI / 4 } };
}

function barsOption(
  { direction, series, text, axis = text, step, line, path }: BarsSpec,
  colour: Colour,
  width: number,
): Option {
  const down = direction === "down";
  // Beside a bar that goes down to the least value stands its figure.
  const isNegative = down && series.some(({ bars }) => bars.some(({ value }) => value !== null && value < 0));
  const labels = series[0]?.bars.map(({ label }) => label) ?? [];
  const greatest = Math.max(...series.flatMap(({ bars }) => bars.map(({ value }) => value ?? 0)));
  return {
    ...axes(labels, down, axis, colour, width, { step, greatest, line: line?.value, isNegative }),
    legend: {
      show: series.length > 1 || path !== undefined,
      data: [...series.map(({ name }) => name), ...(path === undefined ? [] : [path.name])],
      top: 0,
      left: 0,
      textStyle: { color: colour("text") },
    },
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "shadow" },
      valueFormatter: (value: unknown) => text(typeof value === "number" ? value : null),
    },
    series: [
      ...series.map(({ name, colour: token, bars }, i) => ({
        name,
        type: "bar",
        barMaxWidth: 28,
        itemStyle: { color: colour(token) },
        data: bars.map((bar) => dataOf(bar, down, colour)),
        label: {
          show: down,
          position: "right",
          color: colour("text"),
          formatter: ({ value }: { readonly value: unknown }) => text(typeof value === "number" ? value : null),
        },
        ...(line === undefined || i > 0 ? {} : { markLine: lineAt(line, down, text, colour) }),
      })),
      ...notKnown(series, down, text, colour),
      ...(path === undefined
        ? []
        : [
            {
              name: path.name,
              type: "line",
              connectNulls: false,
              symbol: "none",
              itemStyle: { color: colour("text") },
              lineStyle: { color: colour("text"), type: "dashed", width: 2 },
              data: path.values,
            },
          ]),
    ],
  };
}

/** Where no value of a category is known the text of that stands in place of its bars, since a gap looks like a bar of 0. */
function notKnown(
  series: BarsSpec["series"],
  down: boolean,
  text: BarsSpec["text"],
  colour: Colour,
): readonly Option[] {
  const places = series[0]?.bars.map((_, i) => (series.every(({ bars }) => bars[i]?.value === null) ? 0 : null)) ?? [];
  if (!places.includes(0)) return [];
  return [
    {
      name: text(null),
      type: "line",
      connectNulls: false,
      silent: true,
      // A line without symbols has no labels.
      symbol: "rect",
      symbolSize: 1,
      itemStyle: { color: "transparent" },
      lineStyle: { width: 0 },
      label: { show: true, position: down ? "right" : "top", color: colour("text"), formatter: () => text(null) },
      tooltip: { valueFormatter: () => "" },
      data: places,
    },
  ];
}

function dataOf({ value, weak, marked, colour: own }: Bar, down: boolean, colour: Colour): Option {
  const style = {
    ...(marked === true ? { borderColor: colour("text"), borderWidth: 2 } : {}),
    ...(own === undefined ? {} : { color: colour(own) }),
    ...(weak === true ? hatch(colour) : {}),
  };
  return {
    value,
    ...(Object.keys(style).length === 0 ? {} : { itemStyle: style }),
    // The label stands at the end of the bar: left of a negative one.
    ...(down && value !== null && value < 0 ? { label: { position: "left" } } : {}),
  };
}

function lineAt(
  line: { readonly value: number; readonly name: string },
  down: boolean,
  text: (value: number | null) => string,
  colour: Colour,
): Option {
  return {
    symbol: "none",
    silent: true,
    lineStyle: { color: colour("text"), type: "dashed", width: 1.5 },
    // The label stands beside the plot, since a bar may reach the line's end: of bars that lie one under another above them,
    // where the line starts, else at its end.
    label: down
      ? { formatter: `${line.name} ${text(line.value)}`, color: colour("text"), position: "start", fontSize: 14 }
      : { formatter: `${line.name}\n${text(line.value)}`, color: colour("text"), position: "end" },
    data: [down ? { xAxis: line.value } : { yAxis: line.value }],
  };
}

function waterfallOption(
  { steps, weak, text, axis = text, step: stepFrom }: WaterfallSpec,
  colour: Colour,
  width: number,
): Option {
  let level = 0;
  const shown = steps.map(({ value, total }) => {
    if (total) level = value;
    else level -= value;
    // A loss below 0 is a gain: its bar goes up from where the one before ends.
    const foot = total ? 0 : Math.min(level, level + value);
    return { foot, height: Math.abs(value) };
  });
  return {
    ...axes(
      steps.map(({ label }) => label),
      true,
      axis,
      colour,
      width,
      { step: stepFrom, greatest: Math.max(...shown.map(({ foot, height }) => foot + height)) },
    ),
    tooltip: { show: false },
    series: [
      {
        type: "bar",
        stack: "all",
        silent: true,
        itemStyle: { color: "transparent" },
        data: shown.map(({ foot }) => foot),
      },
      {
        type: "bar",
        stack: "all",
        barMaxWidth: 28,
        data: shown.map(({ height }, i) => {
          const step = steps[i];
          const token = step?.total === true ? "running-mark" : (step?.value ?? 0) < 0 ? "setup-mark" : "stop-mark";
          return { value: height, itemStyle: { color: colour(token), ...(weak ? hatch(colour) : {}) } };
        }),
        label: {
          show: true,
          position: "right",
          color: colour("text"),
          formatter: ({ dataIndex }: { readonly dataIndex: number }) => text(steps[dataIndex]?.value ?? null),
        },
      },
    ],
  };
}
