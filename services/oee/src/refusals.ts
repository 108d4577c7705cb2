/**
 * Counts refused events (DI-2) by code, prints the first few, and writes all of them as NDJSON on request (`--refused
 * FILE`): `{error, detail, file, line, event}`.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import type { Refusal, RefusalCode } from "@oee/model";
import { Failure, reasonOf } from "./failure.ts";
import { printable } from "./output/printable.ts";

const SHOWN_PER_CODE_MAX = 5;
const BUFFERED_CHARACTERS = 1 << 16;

export class Refusals {
  readonly counts: Map<RefusalCode, number> = new Map();
  readonly #file: string | null;
  readonly #descriptor: number | null;
  readonly #tell: (line: string) => void;
  #buffered: string[] = [];
  #bufferedCharacters = 0;

  /** Throws `Failure` if the file cannot be written. */
  constructor(file: string | null, tell: (line: string) => void) {
    this.#file = file;
    this.#tell = tell;
    this.#descriptor = file === null ? null : this.#trying(() => openSync(file, "w"));
  }

  get total(): number {
    let total = 0;
    for (const count of this.counts.values()) total += count;
    return total;
  }

  /** `event` gives the original: a JSON value, or its text where it is none. */
  add({ code, detail }: Refusal, file: string, line: number, event: () => unknown): void {
    const count = (this.counts.get(code) ?? 0) + 1;
    this.counts.set(code, count);
    if (count <= SHOWN_PER_CODE_MAX) this.#tell(printable(`${file}:${line}: ${code}: ${detail}`));
    if (count === SHOWN_PER_CODE_MAX + 1) this.#tell(`further events that are ${code} are only counted`);
    if (this.#descriptor === null) return;
    const text = JSON.stringify({ error: code, detail, file, line, event: event() }, bigintAsNumber);
    this.#buffered.push(`${text}\n`);
    this.#bufferedCharacters += text.length;
    if (this.#bufferedCharacters >= BUFFERED_CHARACTERS) this.#flush(this.#descriptor);
  }

  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === null) return;
    this.#flush(descriptor);
    this.#trying(() => closeSync(descriptor));
  }

  #flush(descriptor: number): void {
    const bytes = Buffer.from(this.#buffered.join(""));
    this.#buffered = [];
    this.#bufferedCharacters = 0;
    for (let written = 0; written < bytes.length; ) {
      written += this.#trying(() => writeSync(descriptor, bytes, written));
    }
  }

  #trying<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new Failure(`cannot write ${this.#file}: ${reasonOf(error)}`, { cause: error });
    }
  }
}

/** For `JSON.stringify`: what is no exact number in JSON either way. */
export function bigintAsNumber(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
