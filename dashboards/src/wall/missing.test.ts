import { expect, test } from "vitest";
import { scope, windowOf } from "../../test/plant-fixture.ts";
import { whyMissing } from "./missing.ts";

const RATED = scope("s/a/l/m", "machine", "M");
const UNRATED = scope("s/a/l/m", "machine", "M", { rated: false });

test("W-5: each figure that does not exist has its own reason", () => {
  const idle = windowOf({ availability: null });
  const stoppedAllAlong = windowOf({ performance: null, availability: 0 });
  const planned = { ...stoppedAllAlong, components: { ...stoppedAllAlong.components, unplannedStopTime: 1 } };
  const nothingMade = windowOf({ quality: null });
  expect(whyMissing("oee", "8h", undefined, RATED)).toBe("missing.noWindow");
  expect(whyMissing("oee", "shift", undefined, RATED)).toBe("missing.noShift");
  expect(whyMissing("oee", "8h", windowOf(), UNRATED)).toBe("missing.unrated");
  expect(whyMissing("performance", "8h", windowOf(), UNRATED)).toBe("missing.unrated");
  expect(whyMissing("availability", "8h", idle, RATED)).toBe("missing.nothingPlanned");
  const unknown = windowOf({ availability: null, coverage: 0 });
  for (const ratio of ["oee", "availability", "performance", "quality"] as const)
    expect(whyMissing(ratio, "8h", unknown, RATED)).toBe("missing.noData");
  expect(whyMissing("performance", "8h", planned, RATED)).toBe("missing.notOperated");
  expect(whyMissing("quality", "8h", nothingMade, RATED)).toBe("missing.nothingProduced");
});
