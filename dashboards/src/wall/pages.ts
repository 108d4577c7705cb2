/** The grid of tiles or rows on a screen, and the tiles of each page. The same number of tiles always gives the same grid. */

export interface Grid {
  readonly columns: number;
  readonly rows: number;
}

/** The smallest grid that holds `count` tiles; where none does, the largest in which tiles can be read, of which there are several pages then. */
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

/** The factor by which type in a tile is larger than in the fullest grid. */
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
