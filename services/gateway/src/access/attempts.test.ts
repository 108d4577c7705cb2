/** Pauses after failed sign-ins, and whom they keep out. */
import { describe, expect, test } from "vitest";
import { Attempts } from "./attempts.ts";

const GUESSER = "203.0.113.7";

function failing(attempts: Attempts, name: string, address: string, times: number): void {
  for (let i = 0; i < times; i++) attempts.began(name, address);
}

describe("a guesser", () => {
  test("waits longer and longer, up to 15 minutes, and an hour of rest is forgotten", () => {
    const time = { now: 0 };
    const attempts = new Attempts(() => time.now);
    failing(attempts, "anna", GUESSER, 4);
    expect(attempts.waitMs("anna", GUESSER)).toBe(0);
    const waits = Array.from({ length: 13 }, () => {
      attempts.began("anna", GUESSER);
      return attempts.waitMs("anna", GUESSER) / 1_000;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    time.now += 900_000;
    expect(attempts.waitMs("anna", GUESSER)).toBe(0);
    time.now += 3_600_000;
    failing(attempts, "anna", GUESSER, 4);
    expect(attempts.waitMs("anna", GUESSER)).toBe(0);
  });

  test("keeps out nobody else: the same name from another address, another name from the same one", () => {
    const attempts = new Attempts(() => 0);
    failing(attempts, "anna", GUESSER, 40);
    expect(attempts.waitMs("anna", GUESSER)).toBeGreaterThan(0);
    expect(attempts.waitMs("ANNA", GUESSER)).toBeGreaterThan(0);
    expect(attempts.waitMs("anna", "203.0.113.8")).toBe(0);
    expect(attempts.waitMs("ben", GUESSER)).toBe(0);
  });

  test("who tries many names is slowed down by address, also across the addresses of one IPv6 network", () => {
    const attempts = new Attempts(() => 0);
    for (let i = 0; i < 50; i++) attempts.began(`name-${i}`, GUESSER);
    expect(attempts.waitMs("one more", GUESSER)).toBeGreaterThan(0);
    for (let i = 0; i < 5; i++) attempts.began("anna", `2001:db8:0:7:${i}::${i}`);
    expect(attempts.waitMs("anna", "2001:db8::7:aaaa:0:0:1")).toBeGreaterThan(0);
    expect(attempts.waitMs("anna", "2001:db8:0:8::1")).toBe(0);
    for (let i = 0; i < 5; i++) attempts.began("ben", "::ffff:198.51.100.7");
    expect(attempts.waitMs("ben", "198.51.100.7")).toBeGreaterThan(0);
    expect(attempts.waitMs("ben", "198.51.100.8")).toBe(0);
  });
});
