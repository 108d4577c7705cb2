/** Charts of the printable review as SVG: lines over weeks, a waterfall of a change, bars. What is not known leaves a gap. */
import { type Markup, markup } from "./markup.ts";

const WIDTH = 680;

export interface Point {
  readonly label: string;
  readonly value: number | null;
  readonly expected: number | null;
}

/** A line of shares over time, with the path that was expected. */
export function lineChart(points: readonly Point[], percentOf: (share: number) => string): Markup | null {
  const known = points.flatMap(({ value, expected }) => [value, expected]).filter((one) => one !== null);
  if (points.length < 2 || known.length === 0) return null;
  const [low, high] = roundedRange(Math.min(...known), Math.max(...known));
  const [left, right, top, bottom] = [46, WIDTH - 8, 10, 150];
  const x = (i: number): number => left + ((right - left) * i) / (points.length - 1);
  const y = (value: number): number => bottom - ((bottom - top) * (value - low)) / (high - low);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => low + (high - low) * share);
  const every = Math.ceil(points.length / 8);
  return markup`<svg viewBox="0 0 ${WIDTH} 176" role="img" aria-label="OEE by week">
${grid.map((value) => markup`<line class="grid" x1="${left}" x2="${right}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/><text class="tick" x="${left - 6}" y="${(y(value) + 3).toFixed(1)}" text-anchor="end">${percentOf(value)}</text>`)}
${pathsOf(
  points.map(({ expected }) => expected),
  x,
  y,
).map((d) => markup`<path class="path" d="${d}"/>`)}
${pathsOf(
  points.map(({ value }) => value),
  x,
  y,
).map((d) => markup`<path class="line" d="${d}"/>`)}
${points.map(({ value }, i) => (value === null ? null : markup`<circle class="dot" cx="${x(i).toFixed(1)}" cy="${y(value).toFixed(1)}" r="2.5"/>`))}
${points.map(({ label }, i) => (i % every === 0 ? markup`<text class="tick" x="${x(i).toFixed(1)}" y="168" text-anchor="${i === 0 ? "start" : "middle"}">${label}</text>` : null))}
</svg>`;
}

export interface Step {
  readonly label: string;
  readonly change: number;
}

/** From one share to another by steps, which add up. */
export function waterfall(
  before: number,
  steps: readonly Step[],
  after: number,
  percentOf: (share: number) => string,
  pointsOf: (change: number) => string,
): Markup {
  const rows = [{ label: "before", from: 0, to: before, text: percentOf(before), kind: "total" }];
  let at = before;
  for (const { label, change } of steps) {
    rows.push({ label, from: at, to: at + change, text: pointsOf(change), kind: change >= 0 ? "up" : "down" });
    at += change;
  }
  rows.push({ label: "after", from: 0, to: after, text: percentOf(after), kind: "total" });
  const ends = rows.flatMap(({ from, to, kind }) => (kind === "total" ? [to] : [from, to]));
  const low = Math.max(0, Math.min(...ends) - 0.02);
  const high = Math.max(...ends) + 0.02;
  const [left, right, height] = [190, WIDTH - 70, 20];
  const x = (share: number): number => left + ((right - left) * (Math.max(low, share) - low)) / (high - low || 1);
  return markup`<svg viewBox="0 0 ${WIDTH} ${rows.length * height + 4}" role="img" aria-label="Where the change comes from">
${rows.map(({ label, from, to, text, kind }, i) => {
  const [start, end] = [x(kind === "total" ? low : Math.min(from, to)), x(Math.max(from, to))];
  const y = i * height + 3;
  return markup`<text class="label" x="${left - 8}" y="${y + 11}" text-anchor="end">${label}</text><rect class="${kind}" x="${start.toFixed(1)}" y="${y}" width="${Math.max(1, end - start).toFixed(1)}" height="14"/><text class="tick" x="${(end + 5).toFixed(1)}" y="${y + 11}">${text}</text>`;
})}
</svg>`;
}

/** Bars, the longest as wide as the page. */
export function bars(
  rows: readonly { readonly label: string; readonly value: number; readonly text: string }[],
): Markup {
  const most = Math.max(...rows.map(({ value }) => value), 1);
  const [left, right, height] = [230, WIDTH - 130, 20];
  return markup`<svg viewBox="0 0 ${WIDTH} ${rows.length * height + 4}" role="img" aria-label="Stop time by reason">
${rows.map(({ label, value, text }, i) => {
  const y = i * height + 3;
  const width = Math.max(1, ((right - left) * value) / most);
  return markup`<text class="label" x="${left - 8}" y="${y + 11}" text-anchor="end">${label}</text><rect class="bar" x="${left}" y="${y}" width="${width.toFixed(1)}" height="14"/><text class="tick" x="${(left + width + 5).toFixed(1)}" y="${y + 11}">${text}</text>`;
})}
</svg>`;
}

/** One path for each run of values that are known. */
function pathsOf(values: readonly (number | null)[], x: (i: number) => number, y: (value: number) => number): string[] {
  const paths: string[] = [];
  let path = "";
  for (const [i, value] of values.entries()) {
    if (value === null) {
      if (path !== "") paths.push(path);
      path = "";
    } else path += `${path === "" ? "M" : "L"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
  }
  if (path !== "") paths.push(path);
  return paths;
}

/** Whole steps of 5 % around the values. */
function roundedRange(least: number, most: number): readonly [number, number] {
  const low = Math.floor(least * 20) / 20;
  const high = Math.ceil(most * 20) / 20;
  return high > low ? [low, high] : [low - 0.05, low + 0.05];
}
