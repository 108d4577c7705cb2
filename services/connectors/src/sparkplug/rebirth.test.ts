import { expect, test } from "vitest";
import { Rebirths } from "./rebirth.ts";

test("births are asked for at most once a minute, what is wanted in between is asked for then, and again until they come", () => {
  const rebirths = new Rebirths();
  expect(rebirths.due(0)).toBeNull();
  rebirths.want("the host has come");
  expect(rebirths.due(0)).toBe("the host has come");
  rebirths.born();
  rebirths.want("a gap in the sequence");
  expect(rebirths.due(30_000)).toBeNull();
  expect(rebirths.due(60_000)).toBe("a gap in the sequence");
  // The command or the births were lost.
  expect(rebirths.due(119_999)).toBeNull();
  expect(rebirths.due(120_000)).toBe("a gap in the sequence");
  rebirths.born();
  expect(rebirths.due(1_000_000)).toBeNull();
  rebirths.want("a gap in the sequence");
  expect(rebirths.due(1_000_000)).not.toBeNull();
  rebirths.anew();
  expect(rebirths.due(1_000_001)).not.toBeNull();
});
