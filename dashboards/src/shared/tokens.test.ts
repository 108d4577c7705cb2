import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SIGNS } from "../wall/sign.ts";

const CSS = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

type Rgb = readonly [number, number, number];

function themeOf(name: string): ReadonlyMap<string, Rgb> {
  const block = new RegExp(`:root\\[data-theme="${name}"\\] \\{([^}]*)\\}`).exec(CSS)?.[1] ?? "";
  const colours = new Map<string, Rgb>();
  for (const match of block.matchAll(/--([\w-]+): #([0-9a-f]{6});/g)) {
    const hex = match[2] ?? "";
    const channel = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    colours.set(match[1] ?? "", [channel(0), channel(2), channel(4)]);
  }
  return colours;
}

function toLinear(c: number): number {
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

function linear([r, g, b]: Rgb): Rgb {
  return [toLinear(r), toLinear(g), toLinear(b)];
}

function luminance(colour: Rgb): number {
  const [r, g, b] = linear(colour);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio of two colours by WCAG 2.2. */
function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Kinds of colour blindness as matrices on linear RGB (Machado, Oliveira and Fernandes 2009, severity 1). */
const DEFICIENCIES: readonly (readonly [string, readonly number[]])[] = [
  ["protanopia", [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998]],
  ["deuteranopia", [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881]],
  ["tritanopia", [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039]],
];

function seen(colour: Rgb, m: readonly number[]): Rgb {
  const [r, g, b] = linear(colour);
  const row = (i: number): number => (m[i] ?? 0) * r + (m[i + 1] ?? 0) * g + (m[i + 2] ?? 0) * b;
  return [row(0), row(3), row(6)];
}

function cubeRoot(t: number): number {
  return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
}

/** Difference of two linear RGB colours by CIE 1976 (ΔE in L*a*b*). */
function difference(a: Rgb, b: Rgb): number {
  const lab = ([r, g, bl]: Rgb): Rgb => {
    const x = cubeRoot((0.4124 * r + 0.3576 * g + 0.1805 * bl) / 0.9505);
    const y = cubeRoot(0.2126 * r + 0.7152 * g + 0.0722 * bl);
    const z = cubeRoot((0.0193 * r + 0.1192 * g + 0.9505 * bl) / 1.089);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const [l1, a1, b1] = lab(a);
  const [l2, a2, b2] = lab(b);
  return Math.hypot(l1 - l2, a1 - a2, b1 - b2);
}

describe.each(["dark", "light"])("tokens of the %s theme", (name) => {
  const theme = themeOf(name);
  const colour = (token: string): Rgb => {
    const found = theme.get(token);
    if (found === undefined) throw new Error(`tokens.css has no --${token} in the ${name} theme`);
    return found;
  };

  const shine = (token: string): number => difference(linear(colour(token)), linear(colour("surface")));

  test.each(["ground", "surface"])("W-2: text and muted text stand out from the %s", (ground) => {
    expect(contrast(colour("text"), colour(ground))).toBeGreaterThanOrEqual(12);
    expect(contrast(colour("muted"), colour(ground))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(SIGNS)("W-2: the words of %s can be read, its mark is seen", (sign) => {
    expect(contrast(colour(`${sign}-ink`), colour(`${sign}-fill`))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour(`${sign}-mark`), colour("surface"))).toBeGreaterThanOrEqual(3);
  });

  test("W-2: words on the hatching of no data can be read on both of its colours", () => {
    expect(contrast(colour("noData-ink"), colour("noData-stripe"))).toBeGreaterThanOrEqual(4.5);
  });

  test("W-2: running is muted, what needs someone shines", () => {
    expect(shine("stop-fill")).toBeGreaterThan(3 * shine("running-fill"));
    expect(shine("minorStop-fill")).toBeGreaterThan(2 * shine("running-fill"));
  });

  test.each(DEFICIENCIES)("W-2: with %s the kinds of state still differ", (_, matrix) => {
    const kinds = ["running-fill", "stop-fill", "minorStop-fill", "setup-fill"];
    const tooClose = kinds.flatMap((a) =>
      kinds
        .filter((b) => a < b && difference(seen(colour(a), matrix), seen(colour(b), matrix)) <= 15)
        .map((b) => `${a} ${b}`),
    );
    expect(tooClose).toEqual([]);
  });
});
