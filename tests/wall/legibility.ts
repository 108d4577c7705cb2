/** Measures how legible a wall screen is (W-1), in the page: sizes of texts, texts that are cut off, texts that overlap. */
import type { Page } from "playwright-core";

export interface Measured {
  readonly scrolls: boolean;
  /** Height of the main figure's digits, as a share of the screen's height. */
  readonly mainShare: number;
  readonly tooSmall: readonly string[];
  /** Texts that reach beyond the edge of an element that clips them, without being shortened by an ellipsis. */
  readonly cutOff: readonly string[];
  readonly overlapping: readonly string[];
  /** Figures that are wider than their box: without its last digits a number is wrong. */
  readonly shortenedFigures: readonly string[];
}

/** Takes as a text's height that of its ink, not of its box: digits of this typeface are 0.7 of the font size high. */
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
        // Letters that reach below the baseline, as the y of "day", need room: 0.24 of the font size, beside other texts with a little to spare.
        const tail = /[gjpqyç]/.test(text) ? 0.24 : 0;
        const spared = parent.closest(".call-time") !== null && tail > 0 ? 0.28 : 0;
        const line = {
          node,
          text,
          top: middle - 0.36 * size,
          bottom: middle + (0.36 + spared) * size,
          left: box.left,
          right: box.right,
        };
        let hidden = false;
        for (let clip: Element | null = parent; clip !== null; clip = clip.parentElement) {
          const { overflow, contain } = getComputedStyle(clip);
          const clips = overflow === "hidden" || /strict|content|paint/.test(contain);
          if (!clips && clip !== document.documentElement) continue;
          const bounds = clip.getBoundingClientRect();
          // A line of text that is hidden whole was shortened, not cut off.
          hidden ||= shortened && line.top > bounds.bottom - 0.2 * size;
          const outside = line.top < bounds.top - 0.5 || middle + (0.36 + tail) * size > bounds.bottom + 0.5;
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
        // A text that is shortened by an ellipsis has two boxes, which may overlap.
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
