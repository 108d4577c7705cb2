/** How many tiles or rows fill a screen, and what is on each page. Pure arithmetic: the same number of tiles always gives the same grid. */

export interface Grid {
  readonly columns: number;
  readonly rows: number;
}

/** Smallest grid that holds them all without a tile becoming unreadable; else the largest, which is then paged. */
export function gridFor(count: number, portrait: boolean): Grid {
  const grids: readonly Grid[] = portrait
    ? [
        { columns: 1, rows: 2 },
        { columns: 1, rows: 3 },
        { columns: 2, rows: 2 },
        { columns: 2, rows: 3 },
      ]
    : [
        { columns: 2, rows: 1 },
        { columns: 2, rows: 2 },
        { columns: 3, rows: 2 },
        { columns: 3, rows: 3 },
        { columns: 4, rows: 3 },
      ];
  const last = grids[grids.length - 1] ?? { columns: 1, rows: 1 };
  return grids.find((grid) => grid.columns * grid.rows >= count) ?? last;
}

/** How much larger than in the fullest grid a tile's type is. */
export function tileScale(grid: Grid, portrait: boolean): number {
  return portrait ? Math.min(3 / grid.rows, 2 / grid.columns, 1.35) : Math.min(3 / grid.rows, 4 / grid.columns, 1.7);
}

/** How many signs stand side by side in a tile; sizes are those of wall.css, in hundredths of the height of a 16:9 or 9:16 screen. */
export function signsInTile(grid: Grid, portrait: boolean): number {
  const [screen, gap, padding, sign] = portrait ? [56.25, 0.9, 1, 2.05] : [177.7, 1.4, 1.6, 2.4];
  const space = 0.9;
  const inside = (screen - gap * (grid.columns + 1)) / grid.columns - 2 * padding;
  return Math.floor((inside + space) / (sign * tileScale(grid, portrait) + space));
}

export function pageCount(count: number, perPage: number): number {
  return Math.max(1, Math.ceil(count / perPage));
}

/** Pages of almost equal size, so that the last is not a single tile on an empty screen. */
export function pageOf<T>(items: readonly T[], page: number, perPage: number): readonly T[] {
  const pages = pageCount(items.length, perPage);
  const size = Math.ceil(items.length / pages);
  const index = page % pages;
  return items.slice(index * size, (index + 1) * size);
}
