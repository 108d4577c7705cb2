import { expect, test } from "vitest";
import { FILLER, PLANT } from "../../test/gateway-fixture.ts";
import { readSubscription } from "./subscription.ts";

const read = (request: unknown): ReturnType<typeof readSubscription> => readSubscription(request, PLANT.plant, 2);

test("a subscription has each scope once, and its windows in the order of the plant file", () => {
  const names = PLANT.plant.windows.map(({ name }) => name);
  const windows = names.toReversed();
  expect(read({ scopes: [FILLER, "*"].slice(0, 2), windows })).toEqual({
    scopes: [FILLER, "*"],
    windows: names,
    machinesOf: [],
  });
  expect(read({ scopes: [FILLER, FILLER], windows: [] })).toMatchObject({ scopes: [FILLER] });
});

test.each([
  [null, "expected scopes: 1 to 2"],
  [{ scopes: [], windows: [] }, "expected scopes: 1 to 2"],
  [{ scopes: ["*", "*", "*"], windows: [] }, "expected scopes: 1 to 2"],
  [{ scopes: ["*"], windows: ["3h"] }, "expected windows: any of "],
  [{ scopes: ["*"], windows: [], machinesOf: [5] }, "expected machinesOf: at most 2"],
  [{ scopes: ["nowhere"], windows: [] }, 'the plant has no scope "nowhere"'],
])("%j is refused, with what was expected", (request, expected) => {
  const answer = read(request);
  expect("refused" in answer ? answer.refused : "").toContain(expected);
});
