/**
 * Writes the progress of a long command to standard error: lines, and, if that is a terminal, a bar below them of how much of
 * the input was read.
 */
import { stat } from "node:fs/promises";

const REDRAW_MS = 100;
const BAR_CHARACTERS = 30;
const CLEAR_LINE = "\r\u001b[K";

export class Progress {
  readonly #shown: boolean = process.stderr.isTTY;
  readonly #totalBytes: number | null;
  #readBytes = 0;
  #drawnAt = 0;
  #drawn = false;

  /** `totalBytes` is `null` where it is not known, as of a pipe. */
  constructor(totalBytes: number | null) {
    this.#totalBytes = totalBytes;
  }

  readonly tell = (line: string): void => {
    process.stderr.write(`${this.#cleared()}${line}\n`);
  };

  /** `events`: how many were read by now. */
  advance(bytes: number, events: number): void {
    this.#readBytes += bytes;
    const now = performance.now();
    if (!this.#shown || now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    this.#drawn = true;
    process.stderr.write(`${CLEAR_LINE}${this.#bar()}${events.toLocaleString("en")} events`);
  }

  get readBytes(): number {
    return this.#readBytes;
  }

  end(): void {
    process.stderr.write(this.#cleared());
  }

  #cleared(): string {
    if (!this.#drawn) return "";
    this.#drawn = false;
    return CLEAR_LINE;
  }

  #bar(): string {
    if (this.#totalBytes === null || this.#totalBytes === 0) return "";
    const share = Math.min(1, this.#readBytes / this.#totalBytes);
    const full = Math.floor(share * BAR_CHARACTERS);
    return `[${"=".repeat(full)}${" ".repeat(BAR_CHARACTERS - full)}] ${Math.floor(share * 100)} %  `;
  }
}

/** The size of files together; `null` if any is none, as standard input. */
export async function sizeOf(files: readonly string[]): Promise<number | null> {
  let total = 0;
  for (const file of files) {
    const found = await stat(file).catch(() => null);
    if (found === null || !found.isFile()) return null;
    total += found.size;
  }
  return total;
}
