/**
 * Writes lines to standard output or a file, compressed where the file's name ends in `.gz`, no faster than they are
 * taken. A file is whole once `end` resolves.
 */
import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { Failure, reasonOf } from "../failure.ts";

export const STANDARD_OUTPUT = "-";

const PIECE_CHARACTERS = 1 << 16;

export class LineWriter {
  readonly #stream: Writable;
  /** Resolves when all is written; `null` for standard output, which is not ours to end. */
  readonly #finished: Promise<void> | null;
  readonly #name: string;
  #lines: string[] = [];
  #characters = 0;

  constructor(name: string) {
    this.#name = name;
    if (name === STANDARD_OUTPUT) {
      this.#stream = process.stdout;
      this.#finished = null;
      return;
    }
    const file = createWriteStream(name);
    if (name.endsWith(".gz")) {
      const gzip = createGzip();
      this.#stream = gzip;
      this.#finished = pipeline(gzip, file);
    } else {
      this.#stream = file;
      this.#finished = finished(file);
    }
    // Thrown by the call that waits for it.
    this.#finished.catch(() => {});
  }

  /** Throws `Failure` if the file cannot be written. */
  async write(line: string): Promise<void> {
    this.#lines.push(line, "\n");
    this.#characters += line.length + 1;
    if (this.#characters >= PIECE_CHARACTERS) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#characters === 0) return;
    const text = this.#lines.join("");
    this.#lines = [];
    this.#characters = 0;
    await this.#failing(
      new Promise((resolve, reject) => {
        this.#stream.write(text, (error) => (error == null ? resolve(null) : reject(this.#stream.errored ?? error)));
      }),
    );
  }

  async end(): Promise<void> {
    await this.flush();
    if (this.#finished === null) return;
    this.#stream.end();
    await this.#failing(this.#finished);
  }

  async #failing(step: Promise<unknown>): Promise<void> {
    try {
      await step;
    } catch (error) {
      throw new Failure(`cannot write ${this.#name}: ${reasonOf(error)}`, { cause: error });
    }
  }
}
