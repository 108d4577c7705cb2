import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assignSticky } from "./sticky-assignment.ts";

describe("sticky assignment", () => {
  test("a member that joins gets its share, and no other partition changes its member", () => {
    const assigned = assignSticky(
      ["t/0", "t/1", "t/2", "t/3"],
      [
        { memberId: "a", owned: ["t/0", "t/1", "t/2", "t/3"] },
        { memberId: "b", owned: [] },
      ],
    );
    expect(assigned).toEqual(
      new Map([
        ["a", ["t/0", "t/1"]],
        ["b", ["t/2", "t/3"]],
      ]),
    );
  });

  const claims = fc.uniqueArray(
    fc.record({ memberId: fc.string(), owned: fc.array(fc.integer({ min: 0, max: 20 }).map(String)) }),
    { selector: ({ memberId }) => memberId, minLength: 1, maxLength: 8 },
  );

  test("property: every partition has one member, and members have equally many or one more, whatever partitions they claim", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 16 }), claims, (count, members) => {
        const partitions = Array.from({ length: count }, (_, i) => String(i));
        const assigned = assignSticky(partitions, members);
        expect([...assigned.values()].flat().toSorted()).toEqual(partitions.toSorted());
        const sizes = [...assigned.values()].map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("property: an assignment made again from its own result is the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 16 }), claims, (count, members) => {
        const partitions = Array.from({ length: count }, (_, i) => String(i));
        const once = assignSticky(partitions, members);
        const again = assignSticky(
          partitions,
          Array.from(once, ([memberId, owned]) => ({ memberId, owned })),
        );
        expect(again).toEqual(once);
      }),
    );
  });
});
