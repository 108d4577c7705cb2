/**
 * What is wrong with a plant file, and where. The problems of a file are gathered before anyone is told, so that a
 * person can put them right at once; they come in the order of the text. One misplaced brace can make a problem of every
 * word after it: of more than `PROBLEMS_MAX` the rest is counted.
 */
import { LineCounter } from "yaml";

export interface PlantProblem {
  readonly file: string;
  /** Both count from 1; the column in UTF-16 units, as editors do. */
  readonly line: number;
  readonly column: number;
  /** Where in the plant, as `sites.berlin.areas.packing`; empty for the file as a whole. */
  readonly path: string;
  /** One line: the path, what was found and what was expected. */
  readonly message: string;
  readonly found: string;
  readonly expected: string;
}

export const PROBLEMS_MAX = 1_000;

/** `plant.yaml:12:9: message`, which terminals and editors turn into a link. */
export function formatProblem(problem: PlantProblem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
}

/** A place in the plant file: where it stands in the text, and where in the plant. */
export interface Place {
  readonly offset: number;
  readonly path: string;
}

export class Problems {
  readonly #file: string;
  readonly #lines: LineCounter = new LineCounter();
  readonly #problems = new Map<string, { readonly offset: number; readonly problem: PlantProblem }>();
  #more = 0;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#lines.addNewLine(0);
    for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) this.#lines.addNewLine(i + 1);
  }

  /** The same said of the same place, as by two aliases of one anchor, is kept once. */
  add(place: Place, found: string, expected: string): void {
    if (this.#problems.size >= PROBLEMS_MAX) {
      this.#more++;
      return;
    }
    const { line, col } = this.#lines.linePos(place.offset);
    const what = `found ${found}, expected ${expected}`;
    const message = place.path === "" ? what : `${place.path}: ${what}`;
    const problem = { file: this.#file, line, column: col, path: place.path, message, found, expected };
    this.#problems.set(`${place.offset} ${message}`, { offset: place.offset, problem });
  }

  lineOf(place: Place): number {
    return this.#lines.linePos(place.offset).line;
  }

  get none(): boolean {
    return this.#problems.size === 0;
  }

  /** Those that are not kept. */
  get more(): number {
    return this.#more;
  }

  inOrder(): readonly PlantProblem[] {
    return [...this.#problems.values()].toSorted((a, b) => a.offset - b.offset).map(({ problem }) => problem);
  }
}
