import { expect, test } from "vitest";
import { FILLER, liveRecord, PRESS, START } from "../test/gateway-fixture.ts";
import { CorrectionWaits } from "./correction-waits.ts";

const never = new AbortController().signal;

test("a wait ends when the record of its machine lists the correction, at once where it does already", async () => {
  const listed = liveRecord(FILLER, START, { corrections: ["old"] });
  const waits = new CorrectionWaits(1, (machine) => (machine === FILLER ? listed : null));
  expect(await waits.wait(FILLER, "old", 60_000, never)).toBe(true);
  const wait = waits.wait(FILLER, "new", 60_000, never);
  waits.take(liveRecord(PRESS, START, { corrections: ["new"] }));
  waits.take(liveRecord(FILLER, START, { corrections: ["other"] }));
  waits.take(liveRecord(FILLER, START, { corrections: ["other", "new"] }));
  expect(await wait).toBe(true);
});

test("a wait ends without effect after its time, and where nobody waits any more", async () => {
  const waits = new CorrectionWaits(1, () => null);
  expect(await waits.wait(FILLER, "a", 1, never)).toBe(false);
  expect(await waits.wait(FILLER, "a", 0, never)).toBe(false);
  const gone = new AbortController();
  const wait = waits.wait(FILLER, "a", 60_000, gone.signal);
  gone.abort();
  expect(await wait).toBe(false);
});

test("more waits than are allowed are refused, and one that ended makes room", async () => {
  const waits = new CorrectionWaits(1, () => null);
  const first = waits.wait(FILLER, "a", 60_000, never);
  await expect(waits.wait(PRESS, "b", 60_000, never)).rejects.toMatchObject({ code: "OEE_HTTP_BUSY" });
  waits.take(liveRecord(FILLER, START, { corrections: ["a"] }));
  await first;
  expect(await waits.wait(PRESS, "b", 1, never)).toBe(false);
});

test("when the waits are closed, each ends without effect, and no other begins", async () => {
  const waits = new CorrectionWaits(2, () => null);
  const wait = waits.wait(FILLER, "a", 60_000, never);
  waits.close();
  expect([await wait, await waits.wait(PRESS, "b", 60_000, never)]).toEqual([false, false]);
});
