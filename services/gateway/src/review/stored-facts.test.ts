import { Sums } from "@oee/answers";
import { RecordedRefusals } from "@oee/review";
import { expect, test } from "vitest";
import { MINUTE, PLANT, START } from "../../test/gateway-fixture.ts";
import { minutes, OVEN_END, OVEN_MACHINE } from "../../test/oven.ts";
import { PartsToCome, StoredFacts } from "./stored-facts.ts";

const factsAt = (lastHeard?: () => number | null): StoredFacts =>
  new StoredFacts(PLANT.model, OVEN_END, new RecordedRefusals(), lastHeard);

test("a fact that was not read is answered with nothing, and lacking until it is; its period is cut at now", () => {
  const facts = factsAt();
  expect(facts.cellsOf(OVEN_MACHINE, minutes(120, 240)).size).toBe(0);
  // Of time that has not come, and of no machine, there is nothing to read.
  expect(facts.cellsOf(OVEN_MACHINE, minutes(180, 240)).size).toBe(0);
  expect(facts.doubtsIn([], minutes(0, 60))).toBe(0);
  const lacking = facts.endRound();
  expect([...(lacking?.cells ?? [])]).toEqual([[OVEN_MACHINE, [minutes(120, 180)]]]);
  facts.cells.set(OVEN_MACHINE, minutes(120, 180), new Map([["cola", new Sums()]]));
  expect([...facts.cellsOf(OVEN_MACHINE, minutes(120, 240)).keys()]).toEqual(["cola"]);
  expect(facts.endRound()).toBeNull();
});

test("a part is made once, but again where it, or a part within it, lacked facts", async () => {
  const facts = factsAt();
  const made: string[] = [];
  const doubts = (): number =>
    facts.part("doubts", () => {
      const found = facts.doubtsIn([OVEN_MACHINE], minutes(0, 180));
      made.push("doubts");
      return found;
    });
  const twice = (): number =>
    facts.part("twice", () => {
      const found = 2 * doubts();
      made.push("twice");
      return found;
    });
  const constant = (): number => facts.part("constant", () => made.push("constant"));
  // As the rules do: where a machine with much else to do has held them up, before a part or within it, they give way and ask again.
  const of = async (part: () => number): Promise<number> => {
    for (;;) {
      try {
        return part();
      } catch (error) {
        if (!(error instanceof PartsToCome)) throw error;
        await facts.giveWay();
      }
    }
  };
  expect([await of(doubts), await of(twice)]).toEqual([0, 0]);
  await of(constant);
  for (const [key] of facts.endRound()?.doubts ?? []) facts.doubts.set(key, 3);
  expect([await of(doubts), await of(twice), await of(doubts), await of(twice)]).toEqual([3, 6, 3, 6]);
  await of(constant);
  expect(made).toEqual(["doubts", "twice", "constant", "doubts", "twice"]);
});

test("AL-1: where the last event of a machine is known the store is not asked for silences", () => {
  const silencesOf = (facts: StoredFacts) => facts.silencesOf(OVEN_MACHINE, minutes(0, 180), 50 * MINUTE);
  const heard = factsAt(() => START + 120 * MINUTE);
  expect(silencesOf(heard)).toEqual([{ at: START + 120 * MINUTE, next: null }]);
  expect(silencesOf(factsAt(() => OVEN_END - 50 * MINUTE))).toEqual([]);
  expect(silencesOf(factsAt(() => null))).toEqual([]);
  expect(heard.endRound()).toBeNull();
  const unknown = factsAt();
  expect(silencesOf(unknown)).toEqual([]);
  expect([...(unknown.endRound()?.silences.keys() ?? [])]).toEqual([50 * MINUTE]);
});
