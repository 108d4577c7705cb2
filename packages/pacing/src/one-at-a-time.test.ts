import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OneAtATime } from "./one-at-a-time.ts";

/** A promise that a test opens. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

const neverFails = (error: unknown): void => {
  throw error;
};

describe("one at a time", () => {
  test("work that finishes without waiting can be asked for again", async () => {
    let runs = 0;
    const work = new OneAtATime(() => {
      runs += 1;
    }, neverFails);
    for (let i = 1; i <= 3; i += 1) {
      work.request();
      await work.idle();
      expect([runs, work.running]).toEqual([i, false]);
    }
  });

  test("requests that come during a run start one more run after it, and never two at once", async () => {
    const gates = [gate(), gate()];
    let runs = 0;
    let beside = 0;
    const work = new OneAtATime(async () => {
      beside += 1;
      expect(beside).toBe(1);
      await gates[runs++]?.opened;
      beside -= 1;
    }, neverFails);
    work.request();
    work.request();
    work.request();
    expect(runs).toBe(1);
    for (const { open } of gates) open();
    await work.idle();
    expect(runs).toBe(2);
  });

  test("work that requests itself at the beginning or at the end of a run is run again", async () => {
    let runs = 0;
    const work: OneAtATime = new OneAtATime(async () => {
      runs += 1;
      if (runs === 1) work.request();
      await Promise.resolve();
      if (runs === 2) work.request();
    }, neverFails);
    work.request();
    await work.idle();
    expect(runs).toBe(3);
  });

  test("an error that the work throws, at once or later, is passed to the callback, and the work can be requested again", async () => {
    const told: unknown[] = [];
    const throws = [
      () => {
        throw new Error("at once");
      },
      async () => {
        await Promise.resolve();
        throw new Error("later");
      },
      () => {},
    ];
    const work = new OneAtATime(
      () => throws.shift()?.(),
      (error) => told.push((error as Error).message),
    );
    for (let i = 0; i < 3; i += 1) {
      work.request();
      await work.idle();
    }
    expect([told, throws.length]).toEqual([["at once", "later"], 0]);
  });

  test("property: however long runs take and whenever they are requested, a run begins after each request", async () => {
    const steps = fc.array(fc.record({ turns: fc.nat(3), fails: fc.boolean(), pause: fc.nat(4) }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        let asked = 0;
        let seen = 0;
        let runs = 0;
        const work = new OneAtATime(
          async () => {
            const step = plan[runs++ % plan.length];
            seen = asked;
            for (let i = 0; i < (step?.turns ?? 0); i += 1) await Promise.resolve();
            if (step?.fails) throw new Error("fails");
          },
          () => {},
        );
        for (const { pause } of plan) {
          asked += 1;
          work.request();
          for (let i = 0; i < pause; i += 1) await Promise.resolve();
        }
        await work.idle();
        expect([seen, work.running]).toEqual([asked, false]);
      }),
    );
  });
});
