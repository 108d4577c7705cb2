/** A column of texts of which few differ: each text is kept once, and each event holds its number. */

/** Room for so many events is kept when a column is emptied. */
export const EVENTS_KEPT_MAX = 262_144;

/** With more texts than this for each event, they are forgotten. */
const WORDS_AN_EVENT_MAX = 2;

/** How much room to make where there was some: twice as much, but no more than is kept as long as that is enough. */
export function roomFor(needed: number, before: number, keptMax: number): number {
  return Math.max(needed, Math.min(2 * before, needed > keptMax ? Infinity : keptMax));
}

export class WordColumn {
  #words: string[] = [];
  #numberOf = new Map<string, number>();
  #numbers: Int32Array;
  readonly #numbersKnownBy: number[] = [];
  /** The last one, which is often the next one. */
  #last = "";
  #lastNumber = -1;

  /** Room at first for so many. */
  constructor(capacity: number) {
    this.#numbers = new Int32Array(capacity);
  }

  /** The texts by their numbers; there may be some that no event has any more. */
  get words(): readonly string[] {
    return this.#words;
  }

  /** Of each event, and room for more. */
  get numbers(): Int32Array {
    return this.#numbers;
  }

  textAt(place: number): string {
    return this.#words[this.#numbers[place] as number] ?? "";
  }

  /** `known`: a small whole number that is mostly given with the same text, such as a machine's place in the plant file: the text is then found without a search; −1: there is none. */
  set(place: number, word: string, known: number = -1): void {
    this.#reserve(place + 1);
    if (word !== this.#last || this.#lastNumber < 0) {
      this.#last = word;
      this.#lastNumber = known < 0 ? this.#number(word) : this.#numberKnownBy(known, word);
    }
    this.#numbers[place] = this.#lastNumber;
  }

  #numberKnownBy(known: number, word: string): number {
    const numbers = this.#numbersKnownBy;
    // An array with holes would be looked up as a table.
    while (numbers.length <= known) numbers.push(0);
    const number = numbers[known] as number;
    // Another text was given with it, or the texts were forgotten meanwhile.
    return this.#words[number] === word ? number : (numbers[known] = this.#number(word));
  }

  /** Copies another's of `[from, to)` to a place. */
  copy(place: number, other: WordColumn, from: number, to: number): void {
    this.#reserve(place + to - from);
    const numbers = other.#words.map((word) => this.#number(word));
    for (let i = from; i < to; i++) {
      this.#numbers[place + i - from] = numbers[other.#numbers[i] as number] as number;
    }
  }

  /** Forgets what was said of `length` events; the texts are kept where about half of them may come again, for to know them anew costs more than to write them. */
  clear(length: number): void {
    if (this.#numbers.length > EVENTS_KEPT_MAX) this.#numbers = new Int32Array(0);
    if (this.#words.length <= WORDS_AN_EVENT_MAX * length) return;
    this.#words = [];
    this.#numberOf = new Map();
    this.#lastNumber = -1;
  }

  #number(word: string): number {
    let number = this.#numberOf.get(word);
    if (number === undefined) {
      number = this.#words.push(word) - 1;
      this.#numberOf.set(word, number);
    }
    return number;
  }

  #reserve(length: number): void {
    if (length <= this.#numbers.length) return;
    const numbers = new Int32Array(roomFor(length, this.#numbers.length, EVENTS_KEPT_MAX));
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}
