/**
 * The layout of a producer's events: literals, which are bytes that are the same in each of them, and between two literals the
 * kind of value that stands there. A layout is learned from one event that was scanned; the next event of the same layout
 * is then compared four bytes at a time.
 */
import { wordOf } from "./words.ts";

/** Kinds of what follows a literal: the end of the event, a text, or from `AT_NUMBER` on a number. */
export const END = 0;
export const MACHINE_TEXT = 1;
export const AT_TEXT = 2;
export const STATE_TEXT = 3;
export const REASON_TEXT = 4;
export const ID_TEXT = 5;
export const PRODUCT_TEXT = 6;
export const ORDER_TEXT = 7;
export const AT_NUMBER = 8;
export const GOOD_NUMBER = 9;
export const SCRAP_NUMBER = 10;
export const REWORK_NUMBER = 11;
export const PRODUCED_NUMBER = 12;
export const GOOD_TOTAL = 13;
export const SCRAP_TOTAL = 14;
export const REWORK_TOTAL = 15;
export const PRODUCED_TOTAL = 16;
export const STATE_NUMBER = 17;
export const PIECES_NUMBER = 18;

const LF = 0x0a;

/** No layout is learned of an event with more values, or of more bytes. */
const VALUES_MAX = 16;
const EVENT_BYTES_MAX = 1024;

/**
 * A literal and the kind of what follows it. Layouts form a tree, so that those that begin alike share their first nodes;
 * `next` are the nodes that may follow this one, the frequent ones first.
 */
export interface LayoutNode {
  /** The literal as numbers of four bytes; then its last zero to three bytes as one number, the mask of these, and how many they are. */
  readonly words: Int32Array;
  readonly rest: number;
  readonly restMask: number;
  readonly restLength: number;
  /** The kind of what follows the literal. */
  readonly kind: number;
  readonly next: LayoutNode[];
  /** Of the event that ends here: the first letter of its type, and whether `startup` is true in it. */
  readonly type: number;
  readonly startup: boolean;
  /** Names of its fields that have no meaning for its type. */
  readonly unknown: readonly string[];
}

/** Kind and place of each value of the event that is being scanned, in the order in which they stand. */
export class ValueMarks {
  #count = 0;
  readonly #kinds = new Uint8Array(VALUES_MAX);
  readonly #starts = new Int32Array(VALUES_MAX);
  readonly #ends = new Int32Array(VALUES_MAX);

  clear(): void {
    this.#count = 0;
  }

  add(kind: number, start: number, end: number): void {
    const i = this.#count++;
    if (i >= VALUES_MAX) return;
    this.#kinds[i] = kind;
    this.#starts[i] = start;
    this.#ends[i] = end;
  }

  /**
   * Adds the layout of the event `bytes[start, end)`, whose values are marked, to the tree `nodes`, and returns how many nodes
   * it added: none where the event has too many bytes or values, or a line break.
   */
  addTo(
    nodes: LayoutNode[],
    bytes: Uint8Array,
    start: number,
    end: number,
    type: number,
    startup: boolean,
    unknown: readonly string[],
  ): number {
    if (this.#count > VALUES_MAX || end - start > EVENT_BYTES_MAX) return 0;
    for (let p = start; p < end; p++) if (bytes[p] === LF) return 0;
    let made = 0;
    let siblings = nodes;
    let from = start;
    for (let i = 0; i <= this.#count; i++) {
      const last = i === this.#count;
      const literal = bytes.subarray(from, last ? end : this.#starts[i]);
      const kind = last ? END : (this.#kinds[i] ?? END);
      let node = siblings.find((sibling) => sibling.kind === kind && isLiteralOf(sibling, literal));
      if (node === undefined) {
        node = nodeOf(literal, kind, type, startup, unknown);
        siblings.push(node);
        made++;
      }
      siblings = node.next;
      from = this.#ends[i] ?? end;
    }
    return made;
  }
}

function nodeOf(
  literal: Uint8Array,
  kind: number,
  type: number,
  startup: boolean,
  unknown: readonly string[],
): LayoutNode {
  const { length } = literal;
  const words = Int32Array.from({ length: length >> 2 }, (_, i) => wordOf(literal, 4 * i, length));
  const restLength = length & 3;
  const restMask = (1 << (8 * restLength)) - 1;
  const rest = wordOf(literal, length - restLength, length);
  return { words, rest, restMask, restLength, kind, next: [], type, startup, unknown };
}

function isLiteralOf({ words, rest, restLength }: LayoutNode, literal: Uint8Array): boolean {
  const { length } = literal;
  if (length !== 4 * words.length + restLength || rest !== wordOf(literal, length - restLength, length)) return false;
  return words.every((word, i) => word === wordOf(literal, 4 * i, length));
}
