/** What can be read of a wall screen (W-1), measured in the page: sizes, what is cut off, what lies over something else. */
import type { Page } from "playwright-core";

export interface Measured {
  readonly scrolls: boolean;
  /** Height of the main figure's digits by that of the screen. */
  readonly mainShare: number;
  readonly tooSmall: readonly string[];
  /** Beyond the edge of what holds it, and not shortened by an ellipsis. */
  readonly cutOff: readonly string[];
  readonly overlapping: readonly string[];
  /** A number that lost its last digits would lie. */
  readonly shortenedFigures: readonly string[];
}

/** Measures ink, not boxes: digits of this type are 0.7 of its size high. */
export async function measure(page: Page): Promise<Measured> {
  return page.evaluate(() => {
    const height = innerHeight;
    const main = document.querySelector(".oee-value");
    const mainSize = main === null ? 0 : Number.parseFloat(getComputedStyle(main).fontSize);
    const tooSmall: string[] = [];
    const cutOff: string[] = [];
    const overlapping: string[] = [];
    const lines: { node: Node; text: string; top: number; bottom: number; left: number; right: number }[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.textContent?.trim() ?? "";
      const parent = node.parentElement;
      if (text === "" || parent === null) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const size = Number.parseFloat(getComputedStyle(parent).fontSize);
      const shortened = parent.closest(".cut") !== null;
      for (const box of range.getClientRects()) {
        if (box.height === 0 || box.width < 2) continue;
        if (size < 0.02 * height) tooSmall.push(`${text}: ${size}px`);
        const middle = (box.top + box.bottom) / 2;
        // What reaches below the line, as the y of a day does, would touch what stands under it; with a hair's breadth.
        const tail = parent.closest(".call-time") !== null && /[gjpqyç]/.test(text) ? 0.28 : 0;
        const line = {
          node,
          text,
          top: middle - 0.36 * size,
          bottom: middle + (0.36 + tail) * size,
          left: box.left,
          right: box.right,
        };
        let hidden = false;
        for (let clip: Element | null = parent; clip !== null; clip = clip.parentElement) {
          if (getComputedStyle(clip).overflow !== "hidden" && clip !== document.documentElement) continue;
          const bounds = clip.getBoundingClientRect();
          // A line that was left out whole was shortened, not cut.
          hidden ||= shortened && line.top > bounds.bottom - 0.2 * size;
          const outside = line.top < bounds.top - 0.5 || middle + 0.36 * size > bounds.bottom + 0.5;
          if (!hidden && (outside || (!shortened && line.right > bounds.right + 0.5))) {
            cutOff.push(`${text} in .${clip.className}`);
          }
          line.right = Math.min(line.right, bounds.right);
        }
        if (!hidden) lines.push(line);
      }
    }
    lines.forEach((one, index) => {
      for (const other of lines.slice(index + 1)) {
        // An ellipsis gives a text a second box.
        if (other.node === one.node) continue;
        const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        if (across > 1 && down > 1) overlapping.push(`${one.text} and ${other.text}`);
      }
    });
    const root = document.documentElement;
    return {
      scrolls: root.scrollHeight > innerHeight || root.scrollWidth > innerWidth,
      mainShare: (mainSize * 0.7) / height,
      tooSmall,
      cutOff,
      overlapping,
      shortenedFigures: [...document.querySelectorAll(".figure-value, .factor-value, .row-value, .tile-oee")]
        .filter((figure) => figure.scrollWidth > figure.clientWidth + 1)
        .map((figure) => figure.textContent ?? ""),
    };
  });
}
