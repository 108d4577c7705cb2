import * as fc from "fast-check";
import { expect, test } from "vitest";
import { gridFor, pageCount, pageOf } from "./pages.ts";

test("W-1: every tile is on exactly one page, in order, and no page is fuller than its grid", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 500 }), fc.boolean(), (count, portrait) => {
      const items = Array.from({ length: count }, (_, i) => i);
      const grid = gridFor(count, portrait);
      const perPage = grid.columns * grid.rows;
      const pages = Array.from({ length: pageCount(count, perPage) }, (_, page) => pageOf(items, page, perPage));
      expect(pages.flat()).toEqual(items);
      for (const page of pages) expect(page.length).toBeLessThanOrEqual(perPage);
    }),
  );
});

test("60 lines are five pages of twelve", () => {
  const grid = gridFor(60, false);
  expect(grid).toEqual({ columns: 4, rows: 3 });
  expect(pageCount(60, 12)).toBe(5);
});
