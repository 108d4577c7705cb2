import { describe, expect, it } from "vitest";
import { RandomStream } from "./random-stream.ts";

const COUNT = 100_000;

function sorted(draw: () => number): number[] {
  return Array.from({ length: COUNT }, draw).toSorted((a, b) => a - b);
}

function quantile(values: readonly number[], share: number): number {
  return values[Math.floor(share * values.length)] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function take(random: RandomStream, count: number): number[] {
  return Array.from({ length: count }, () => random.next());
}

describe("random stream", () => {
  it("gives the same numbers for the same names, and others for others", () => {
    const numbers = take(new RandomStream(7, "m"), 100);
    expect(take(new RandomStream("7", "m"), 100)).toEqual(numbers);
    expect(take(new RandomStream(7, "n"), 100)).not.toEqual(numbers);
    expect(take(new RandomStream("ab", "c"), 1)).not.toEqual(take(new RandomStream("a", "bc"), 1));
  });

  it("is uniform: chi-squared of 100 cells lies within its 99.9 % range", () => {
    const random = new RandomStream(3, "uniform");
    const cells = Array.from({ length: 100 }, () => 0);
    for (let i = 0; i < COUNT; i++) {
      const cell = random.whole(0, 99);
      cells[cell] = (cells[cell] ?? 0) + 1;
    }
    const expected = COUNT / 100;
    const chiSquared = cells.reduce((sum, found) => sum + (found - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeGreaterThan(56);
    expect(chiSquared).toBeLessThan(149);
  });

  it("streams of neighbouring names are not correlated", () => {
    const [a, b] = [take(new RandomStream(1, "m1"), COUNT), take(new RandomStream(1, "m2"), COUNT)];
    const covariance = a.reduce((sum, value, i) => sum + (value - 0.5) * ((b[i] ?? 0) - 0.5), 0) / COUNT;
    expect(Math.abs(covariance * 12)).toBeLessThan(4 / Math.sqrt(COUNT));
  });

  it("Weibull: 63.2 % lie below the scale, and the median is scale × ln(2)^(1/shape)", () => {
    const random = new RandomStream(5, "weibull");
    const lives = sorted(() => random.weibull(1.5, 100));
    expect(quantile(lives, 1 - Math.exp(-1))).toBeCloseTo(100, -0.5);
    expect(quantile(lives, 0.5)).toBeCloseTo(100 * Math.log(2) ** (1 / 1.5), -0.5);
  });

  it("lognormal: the median is the median, and 84.1 % lie below median × e^sigma", () => {
    const random = new RandomStream(5, "lognormal");
    const lengths = sorted(() => random.lognormal(20, 0.75));
    expect(Math.abs(quantile(lengths, 0.5) - 20)).toBeLessThan(0.4);
    expect(Math.abs(quantile(lengths, 0.8413) - 20 * Math.exp(0.75))).toBeLessThan(1);
  });

  it("exponential and geometric have their means", () => {
    const random = new RandomStream(5, "means");
    expect(Math.abs(mean(sorted(() => random.exponential(60))) - 60)).toBeLessThan(1);
    expect(Math.abs(mean(sorted(() => random.geometric(0.02))) - 50)).toBeLessThan(1);
    expect(random.geometric(0)).toBe(Infinity);
  });

  it("ranks by 1 / rank, and shuffles without loss", () => {
    const random = new RandomStream(5, "ranks");
    const counts = [0, 0, 0];
    for (let i = 0; i < COUNT; i++) {
      const rank = random.rank(3);
      counts[rank] = (counts[rank] ?? 0) + 1;
    }
    const shares = counts.map((count) => count / COUNT);
    expect(shares.map((share) => Math.round(share * 50) / 50)).toEqual([0.54, 0.28, 0.18]);
    expect(random.shuffled(["a", "b", "c", "d"]).toSorted()).toEqual(["a", "b", "c", "d"]);
  });
});
