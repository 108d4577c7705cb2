/**
 * Memory into which batches are read or written, and which is used again once they are handled: what comes and goes by the
 * megabyte would have the collector mark the whole heap again and again.
 */
import type { RecordRoom } from "./record-decoding.ts";

/** Of more bytes than this none are kept. */
const KEPT_MAX = 2 * 1024 * 1024;

/** One batch's bytes and columns. */
export class BatchPiece implements RecordRoom {
  bytes: Buffer;
  offsets: Float64Array = new Float64Array(0);
  timestamps: Float64Array = new Float64Array(0);
  spans: Int32Array = new Int32Array(0);

  constructor(length: number) {
    this.bytes = Buffer.allocUnsafeSlow(length + (length >> 3));
  }
}

export class BatchMemory {
  readonly #waiting: BatchPiece[] = [];
  readonly #waitingMax: number;

  /** `waitingMax`: how many pieces may wait to be used again. */
  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** A piece with room for so many bytes; `give` it back when it is no longer read, or leave it to the collector. */
  take(length: number): BatchPiece {
    const found = this.#waiting.findLastIndex(({ bytes }) => bytes.length >= length);
    if (found >= 0) return this.#waiting.splice(found, 1)[0] ?? new BatchPiece(length);
    // One that is too small gives its place to what comes now.
    this.#waiting.pop();
    return new BatchPiece(length);
  }

  give(piece: BatchPiece): void {
    if (piece.bytes.length <= KEPT_MAX && this.#waiting.length < this.#waitingMax) this.#waiting.push(piece);
  }
}
